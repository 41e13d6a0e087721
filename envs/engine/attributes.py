"""Parameters and fields of the state as attributes: what `env.unwrapped.gravity = 3.7` reads and writes.

Gymnasium's own environments keep both as attributes of a Python object. Ours keep them in records, which
`params` and `state` are. Where a parameter and a field share a name, the name means the parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from envs.engine.environment import Environment
from envs.engine.errors import BadAttribute


def settable(environment: Environment) -> frozenset[str]:
    """Names of all parameters and fields of the state."""
    return frozenset(environment.params) | frozenset(environment.state.names or ())


def get_param(environment: Environment, params: Any, name: str) -> Any:
    """The value of a parameter as a plain Python number."""
    return params[name].item()


def named_params(environment: Environment, values: Any) -> dict[str, Any]:
    """Parameters by name, of a mapping of some of them or of a record of all."""
    if isinstance(values, Mapping):
        return dict(values)
    try:
        return {name: values[name].item() for name in environment.params}
    except (TypeError, ValueError, IndexError, AttributeError):
        raise BadAttribute(
            f"params of {environment.id} can be set to a dict of some of them, not to {values!r}."
        ) from None


def no_attribute(environment: Environment, name: str) -> BadAttribute:
    """The error for a name that nothing has."""
    return BadAttribute(
        f"{environment.id} has no attribute, parameter or field of the state named {name!r}.", name=name
    )


def field_values(environment: Environment, name: str, value: Any, count: int) -> np.ndarray:
    """Values of a field of the state for some environments.

    Args:
        environment: whose field it is.
        name: of the field.
        value: one value for all, or `count` of them.
        count: how many environments.

    Returns:
        (count, *field's shape), the field's dtype.

    Raises:
        BadAttribute: not numbers, a wrong shape, or numbers that the field cannot hold.
    """
    base, shape = environment.state[name].base, environment.state[name].shape
    try:
        given = np.asarray(value)
        spread = np.broadcast_to(given, (count, *shape))
    except ValueError:
        raise BadAttribute(
            f"{name} of {environment.id} must have shape {shape}, and cannot be {value!r}."
        ) from None
    if given.dtype.kind not in "biuf":
        raise BadAttribute(f"{name} of {environment.id} must be {base} and cannot be {value!r}.")
    with np.errstate(invalid="ignore", over="ignore"):
        converted = spread.astype(base)
    if base.kind != "f" and not np.array_equal(converted, spread):
        raise BadAttribute(f"{name} of {environment.id} must be {base} and cannot be {value!r}.")
    return converted


def state_fields(environment: Environment, value: Any) -> dict[str, Any]:
    """A whole state by the names of its fields.

    Args:
        environment: whose state it is.
        value: a record, a mapping of some of the fields, or all numbers in the order in which the file
            declares them, as Gymnasium's classic environments hold their state.

    Raises:
        BadAttribute: fields that there are not, or another count of numbers.
    """
    names = environment.state.names or ()
    if isinstance(value, Mapping):
        unknown = [name for name in value if name not in names]
        if unknown:
            raise BadAttribute(f"The state of {environment.id} has no field {unknown[0]!r}.")
        return dict(value)
    try:
        given = np.asarray(value)
    except ValueError:
        given = np.empty(0)
    if given.dtype.names:
        # A record of this very environment also has the engine's fields, which stay as they are.
        if given.size != 1 or not set(names) <= set(given.dtype.names):
            raise BadAttribute(f"This is no state of {environment.id}: its fields are {', '.join(names)}.")
        return {name: given.reshape(1)[name][0] for name in names}
    sizes = [int(np.prod(environment.state[name].shape, dtype=int)) for name in names]
    if given.dtype.kind not in "biuf" or given.size != sum(sizes):
        fields = ", ".join(names)
        raise BadAttribute(
            f"A state of {environment.id} is {sum(sizes)} numbers ({fields}), or a dict of some fields."
        )
    parts = np.split(given.ravel(), np.cumsum(sizes)[:-1])
    return {
        name: part.reshape(environment.state[name].shape) for name, part in zip(names, parts, strict=True)
    }

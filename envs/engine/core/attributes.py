"""Parameters and fields of the state as attributes: what `env.unwrapped.gravity = 3.7` reads and writes.

Gymnasium's own environments keep both as attributes of a Python object. Ours keep them in records, which
`params` and `state` are. Where a parameter and a field share a name, the name means the parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from envs.engine.declaration import RESERVED
from envs.engine.environment import Environment
from envs.engine.errors import BadAttribute

OWN = RESERVED | {"observation_space", "single_observation_space", "action_space", "single_action_space"}
OWN |= {"members"}
"""Attributes that environments have anyway; a field of the state with such a name is in `state` alone."""


class NamedAttributes:
    """An object whose parameters and fields of the state are attributes.

    The attributes are properties of a subclass that is made for the environment: a `__getattr__` would make
    all other attributes slower, and with them each step.

    Attributes:
        environment: whose names these are.
    """

    environment: Environment

    _names: tuple[str, ...] = ()

    if TYPE_CHECKING:
        # What the properties amount to; which there are depends on the environment.
        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...

    def __new__(cls, environment: str | Environment, *_: Any, **__: Any) -> Self:
        """Make an object of the subclass for this environment."""
        if isinstance(environment, str):
            from envs import find

            environment = find(environment)
        names = {*environment.params, *(environment.state.names or ())} - OWN - set(dir(cls))
        return _empty(cls, tuple(sorted(names)))

    def _get_named(self, name: str) -> Any:
        raise NotImplementedError

    def _set_named(self, name: str, value: Any) -> None:
        raise NotImplementedError

    def __reduce__(self) -> tuple[Any, ...]:
        return _empty, (type(self).__bases__[0], self._names), self.__getstate__()

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)


def _empty(kind: type, names: tuple[str, ...]) -> Any:
    return object.__new__(_class_with(kind, names))


@cache
def _class_with(kind: type, names: tuple[str, ...]) -> type:
    members: dict[str, Any] = {name: _named(name) for name in names}
    members |= {"_names": names, "__module__": kind.__module__, "__doc__": kind.__doc__}
    return type(kind.__name__, (kind,), members)


def _named(name: str) -> property:
    return property(lambda self: self._get_named(name), lambda self, value: self._set_named(name, value))


def get_param(params: Any, name: str) -> Any:
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
        given: Any = np.asarray(value)
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

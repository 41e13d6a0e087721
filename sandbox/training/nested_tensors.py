"""Nested Python values with tensors in them, taken apart into what safetensors and JSON can hold.

That is how optimizer states are saved: never with pickle, which would run whatever a file from elsewhere
says.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

_TENSOR, _TUPLE, _ITEMS = "$tensor", "$tuple", "$items"


def pack(value: Any, prefix: str) -> tuple[dict[str, Tensor], Any]:
    """Take a nested value apart.

    Args:
        value: dictionaries, lists and tuples of tensors, numbers, strings, booleans and None.
        prefix: what the names of the tensors begin with.

    Returns:
        The tensors by name, and a JSON value that refers to them; `unpack` puts them together again.

    Raises:
        TypeError: a value of another kind.
    """
    tensors: dict[str, Tensor] = {}
    return tensors, _pack(value, prefix, tensors)


def unpack(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """The nested value that `pack` took apart."""
    if isinstance(value, list):
        return [unpack(item, tensors) for item in value]
    if isinstance(value, dict):
        if _TENSOR in value:
            return tensors[value[_TENSOR]]
        if _TUPLE in value:
            return tuple(unpack(item, tensors) for item in value[_TUPLE])
        return {key: unpack(item, tensors) for key, item in value[_ITEMS]}
    return value


def load_optimizer(optimizer: Optimizer, state: dict[str, Any]) -> None:
    """Put an optimizer's state back, if it is one of such parameters.

    `Optimizer.load_state_dict` takes what it gets, and the next step fails or goes elsewhere.

    Raises:
        ValueError: what it remembers has another shape than its parameter, or lacks a part.
    """
    optimizer.load_state_dict(state)
    parts = {frozenset(memory) for memory in optimizer.state.values()}
    if len(parts) > 1:
        raise ValueError("the optimizer remembers more of one parameter than of another")
    for parameter, memory in optimizer.state.items():
        for name, value in memory.items():
            if isinstance(value, Tensor) and value.numel() > 1 and value.shape != parameter.shape:
                raise ValueError(
                    f"the optimizer's {name} has shape {tuple(value.shape)}, its parameter another"
                )


def _pack(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        tensors[name] = value
        return {_TENSOR: name}
    if isinstance(value, Mapping):
        # Pairs, because JSON would turn the numbers that optimizers use as keys into strings.
        return {_ITEMS: [[key, _pack(item, f"{name}.{key}", tensors)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {_TUPLE: [_pack(item, f"{name}.{i}", tensors) for i, item in enumerate(value)]}
    if isinstance(value, list):
        return [_pack(item, f"{name}.{i}", tensors) for i, item in enumerate(value)]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{name} is {type(value).__name__}, which cannot be saved")

"""A network that is built for a checkpoint may not be much larger than the checkpoint.

The sizes of a network are read from a run folder, which may come from anybody; its tensors are really there.
A hidden layer of a billion units is refused before memory is taken for it.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from sandbox.errors import UserError

FACTOR = 4
"""Times the numbers of a checkpoint that may be filled while its network is built."""
SLACK = 2**22
"""Numbers that may be filled besides."""

_FILLING = frozenset(
    {torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn, torch.full, torch.arange, torch.eye}
    | {torch.linspace, torch.randint, torch.randperm}
)
"""Calls that make a tensor of any size from a few numbers."""


class BuildLimit(TorchFunctionMode):
    """While it is entered, tensors may be filled with few times as many numbers as a checkpoint has.

    Args:
        tensors: of the checkpoint.
        slack: numbers that may be filled besides, such as those of data.

    Raises:
        UserError: from the call that would fill more.
    """

    def __init__(self, tensors: Iterable[Tensor], slack: int = SLACK) -> None:
        super().__init__()
        sizes = [tensor.numel() for tensor in tensors]
        self.numbers_left = FACTOR * sum(sizes) + slack
        self.tensors_left = 64 * len(sizes) + 4096

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Count what is filled."""
        kwargs = kwargs or {}
        if func in _FILLING:
            self.numbers_left -= _size(func, args, kwargs)
            self.tensors_left -= 1
            if self.numbers_left < 0 or self.tensors_left < 0:
                raise UserError(
                    "The settings describe a far larger network than the checkpoint holds: one of the two is "
                    "corrupt."
                )
        return func(*args, **kwargs)


def _size(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """Numbers in the tensor that a call would make, found on a device whose tensors have no memory."""
    rest = {name: value for name, value in kwargs.items() if name not in ("generator", "out", "pin_memory")}
    return func(*args, **{**rest, "device": "meta"}).numel()

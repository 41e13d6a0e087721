"""Shuffled minibatches whose order depends on nothing but the seed and the step."""

import torch
from jaxtyping import Int64
from torch import Tensor


class ShuffledBatches:
    """Minibatches in epochs: every example once in each, in an order drawn anew.

    `batches(step)` is a function of the step alone, so a resumed training needs no position to go on exactly;
    calling it for successive steps costs one indexing each.

    Args:
        tensors: first axes of one length N; a batch is a row selection of each.
        batch_size: examples in a batch; the rest of an epoch that fills none is left out of that epoch. A
            batch is never larger than N.
        seed: of the order.
    """

    def __init__(self, *tensors: Tensor, batch_size: int, seed: int) -> None:
        sizes = {len(tensor) for tensor in tensors}
        if len(sizes) != 1 or 0 in sizes:
            raise ValueError(f"the tensors must have one common length above zero, not {sorted(sizes)}")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.tensors = tensors
        self.size = sizes.pop()
        self.batch_size = min(batch_size, self.size)
        self.per_epoch = self.size // self.batch_size
        self.seed = seed
        self._epoch = -1
        self._order: tuple[Tensor, ...] = ()

    def __call__(self, step: int) -> tuple[Tensor, ...]:
        """The batch of one step, counted from 0, on the device of the tensors."""
        epoch, position = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._order = self.order(epoch).to(self.tensors[0].device).split(self.batch_size)
            self._epoch = epoch
        rows = self._order[position]
        return tuple(tensor[rows] for tensor in self.tensors)

    def order(self, epoch: int) -> Int64[Tensor, " N"]:
        """The order of one epoch."""
        # A large odd factor keeps the epochs of one seed apart from those of the next.
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) % 2**63)
        return torch.randperm(self.size, generator=generator)

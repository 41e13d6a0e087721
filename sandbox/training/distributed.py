"""One training by several processes: each learns from its part of every batch; their gradients are averaged.

`torchrun --nproc-per-node 2 -m sandbox.cli train vision/classify` starts the same command twice, on one
machine or many; torch's DistributedDataParallel (Li et al. 2020) averages. `batch_size` stays the size of the
whole batch, so the result is that of one process, but for rounding, for batch normalisation, which sees the
parts, and for random changes of the inputs, which each process draws for itself.

Process 0 leads, see `sandbox.training.process_group`. Agents do the same in `agents.training.team`.
"""

import contextlib
import gc
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.nn.parallel import DistributedDataParallel

from sandbox.errors import UserError
from sandbox.training.process_group import Group, random_seed
from sandbox.training.supervised import Supervised

Batch = tuple[torch.Tensor, ...]


class Team(Group):
    """The processes that train one learner.

    Args:
        learner: learns by gradients; the same in all processes.
        device: of this process.
        seed: of the random draws of processes other than 0.

    Raises:
        UserError: the learner cannot be trained so.
    """

    def __init__(self, learner: Any, device: torch.device, seed: int) -> None:
        if not isinstance(learner, Supervised):
            raise UserError(
                f"Only supervised learning can be spread over processes, not {type(learner).__name__}; "
                "start it without torchrun."
            )
        super().__init__(device)
        self.learner = learner
        self.seed = seed
        self.step = 0
        own = [device.index] if device.type == "cuda" else None
        learner.forward = DistributedDataParallel(learner.model, device_ids=own)

    @contextlib.contextmanager
    def led(self, batches: Callable[[int], Batch]) -> Iterator[Callable[[int], Batch]]:
        """For process 0: its batches, before each of which the others are told to go on; at last to end."""

        def part(step: int) -> Batch:
            self.step = step
            self.go_on()
            return self._part(batches(step))

        with self.leading():
            yield part

    def follow(self, batches: Callable[[int], Batch]) -> None:
        """For the others: learn with process 0 until it says that it is over.

        Raises:
            UserError: process 0 ended without a word.
        """
        with self.following():
            while self.go_on():
                torch.manual_seed(random_seed(self.seed, self.step, self.rank, self.size))
                self.learner.step(self._part(batches(self.step)))
                self.step += 1

    def _leave(self) -> None:
        # What averages the gradients must not be the last to hold the group: it would wait for gloo's thread
        # without giving up the interpreter's lock, which that thread needs to drop the last word it was told.
        self.learner.forward = self.learner.model
        gc.collect()
        super()._leave()

    def _part(self, batch: Batch) -> Batch:
        whole = len(batch[0]) // self.size * self.size  # equal parts, so that their means have equal weight
        if not whole:
            raise UserError(f"A batch of {len(batch[0])} cannot be shared by {self.size} processes.")
        return tuple(tensor[self.rank : whole : self.size] for tensor in batch)

    def _learned(self) -> Any:
        model = {name: tensor.cpu() for name, tensor in self.learner.model_state().items()}
        tensors, values = self.learner.state()
        return model, {name: tensor.cpu() for name, tensor in tensors.items()}, values, self.step

    def _learn(self, learned: Any) -> None:
        *state, self.step = learned
        self.learner.load_state(*state)

"""One training by several processes: each learns from its part of every batch; their gradients are averaged.

`torchrun --nproc-per-node 2 -m sandbox.cli train vision/classify` starts the same command twice, on one
machine or many; torch's DistributedDataParallel (Li et al. 2020) averages. `batch_size` stays the size of the
whole batch, so the result is that of one process, but for rounding, for batch normalisation, which sees the
parts, and for random changes of the inputs, which each process draws for itself.

Process 0 leads: it alone evaluates, logs, saves, stops and shows. Before each step it tells the others to go
on, and at last to end.
"""

import contextlib
import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from sandbox.devices import pick_device
from sandbox.errors import UserError
from sandbox.training.supervised import Supervised

Batch = tuple[torch.Tensor, ...]

GO_ON, END = 1, 0


def is_asked_for() -> bool:
    """Whether torchrun started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE") or 1) > 1 and "RANK" in os.environ


def own_device(name: str) -> torch.device:
    """The device of this process: with CUDA, each on a machine has one of its own."""
    device = pick_device(name)
    if device.type == "cuda" and device.index is None:
        device = pick_device(f"cuda:{os.environ.get('LOCAL_RANK') or 0}")
    return device


class Team:
    """The processes that train one learner.

    Args:
        learner: learns by gradients; the same in all processes.
        device: of this process.
        seed: of the random draws of processes other than 0.

    Attributes:
        rank: number of this process, from 0.
        size: number of processes.

    Raises:
        UserError: the learner cannot be trained so.
    """

    def __init__(self, learner: Any, device: torch.device, seed: int) -> None:
        if not isinstance(learner, Supervised):
            raise UserError(
                f"Only supervised learning can be spread over processes, not {type(learner).__name__}; "
                "start it without torchrun."
            )
        self.learner = learner
        self.device = device
        self.seed = seed
        if device.type == "cuda":
            torch.cuda.set_device(device)
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        own = [device.index] if device.type == "cuda" else None
        learner.forward = DistributedDataParallel(learner.model, device_ids=own)
        self._is_shared = False

    @contextlib.contextmanager
    def led(self, batches: Callable[[int], Batch]) -> Iterator[Callable[[int], Batch]]:
        """For process 0: its batches, before each of which the others are told to go on, and at last to end.

        After an error they are told nothing: they may be in the middle of a step, and end as their connection
        breaks.
        """

        def part(step: int) -> Batch:
            if not self._is_shared:  # not before a resume has put the learner back
                self._share(step)
            self._tell(GO_ON)
            return self._part(batches(step))

        try:
            yield part
        except GeneratorExit:
            self._end()
            raise
        self._end()

    def follow(self, batches: Callable[[int], Batch]) -> None:
        """For the others: learn with process 0 until it says that it is over.

        Raises:
            UserError: process 0 ended without a word.
        """
        try:
            step = self._share(0)
            while self._tell(GO_ON) == GO_ON:
                # A function of the step, so that a resumed training draws what it would have drawn.
                torch.manual_seed(((self.seed * 1_000_003 + step) * self.size + self.rank) % 2**63)
                self.learner.step(self._part(batches(step)))
                step += 1
        except RuntimeError as error:
            if "onnection" not in str(error):  # gloo and nccl say it in many ways, and all begin so
                raise
            raise UserError("Process 0 ended before the training did; its message says why.") from error
        self._leave()

    def _end(self) -> None:
        if not self._is_shared:
            self._share(0)
        self._tell(END)
        self._leave()

    def _leave(self) -> None:
        # What averages the gradients must not be the last to hold the group: it would wait for gloo's thread
        # without giving up the interpreter's lock, which that thread needs to drop the last word it was told.
        self.learner.forward = self.learner.model
        gc.collect()
        dist.destroy_process_group()

    def _part(self, batch: Batch) -> Batch:
        whole = len(batch[0]) // self.size * self.size  # equal parts, so that their means have equal weight
        if not whole:
            raise UserError(f"A batch of {len(batch[0])} cannot be shared by {self.size} processes.")
        return tuple(tensor[self.rank : whole : self.size] for tensor in batch)

    def _tell(self, what: int) -> int:
        """What process 0 says, in every process."""
        word = torch.tensor([what], device=self.device)
        dist.broadcast(word, src=0)
        return int(word)

    def _share(self, step: int) -> int:
        """Everything that process 0 has learned so far, to all; returns the step that it is at."""
        state: list[Any] = [None]
        if self.rank == 0:
            model = {name: tensor.cpu() for name, tensor in self.learner.model_state().items()}
            tensors, values = self.learner.state()
            state = [(model, {name: tensor.cpu() for name, tensor in tensors.items()}, values, step)]
        dist.broadcast_object_list(state, src=0, device=self.device)
        self._is_shared = True
        found: Any = state[0]
        if self.rank != 0:
            self.learner.load_state(*found[:3])
        return found[3]

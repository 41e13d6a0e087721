"""The processes that torchrun has started to train one thing together: what they tell and average.

Process 0 leads: it alone evaluates, logs, saves, stops and shows. Before each step it tells the others to go
on, and at last to end. A `Group` is what any such training needs; its subclasses know what is learned.
"""

from __future__ import annotations

import contextlib
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

from sandbox.devices import pick_device
from sandbox.errors import UserError

GO_ON, END = 1, 0
BROKEN = ("onnection", "roken pipe")
"""What gloo and nccl say, in many ways, when another process is gone."""


def is_asked_for() -> bool:
    """Whether torchrun started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE") or 1) > 1 and "RANK" in os.environ


def place() -> tuple[int, int]:
    """Number of this process, from 0, and of all processes that train together."""
    return (int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])) if is_asked_for() else (0, 1)


def own_device(device: torch.device) -> torch.device:
    """The device of this process: with CUDA, each on a machine has one of its own."""
    if device.type == "cuda" and device.index is None:
        return pick_device(f"cuda:{os.environ.get('LOCAL_RANK') or 0}")
    return device


def random_seed(seed: int, step: int, rank: int, size: int) -> int:
    """What a process seeds its draws with at a step, so that a resumed training draws what it would have."""
    return ((seed * 1_000_003 + step) * size + rank) % 2**63


def outlive_signals() -> None:
    """Let a process other than 0 ignore what asks to stop: process 0 decides, and needs the others for it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


class Group(ABC):
    """The processes of one training.

    Args:
        device: of this process.

    Attributes:
        rank: number of this process, from 0.
        size: number of processes.

    Raises:
        UserError: a device whose processes cannot speak to each other.
    """

    def __init__(self, device: torch.device) -> None:
        if device.type not in ("cpu", "cuda"):
            raise UserError(f"Several processes train on CPUs or on CUDA devices, not on {device.type}.")
        self.device = device
        if device.type == "cuda":
            torch.cuda.set_device(device)
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self._is_shared = False

    @abstractmethod
    def _learned(self) -> Any:
        """Everything that process 0 has learned so far, in the CPU's memory, and the step it is at."""

    @abstractmethod
    def _learn(self, learned: Any) -> None:
        """Take over in another process what `_learned` gave in process 0."""

    def go_on(self) -> bool:
        """Say, in process 0, that there is another step; hear, in the others, whether there is one.

        The first time, not before a resume has put process 0 back, the others take over what it has learned.
        """
        self.share()
        return self._tell(GO_ON) == GO_ON

    @contextlib.contextmanager
    def leading(self) -> Iterator[None]:
        """For process 0: the steps, after which the others are told to end.

        After an error they are told nothing: they may be in the middle of a step, and end as their connection
        breaks.

        Raises:
            UserError: another process ended in the middle of a step.
        """
        try:
            with _unbroken("Another process ended before the training did; its message says why."):
                yield
        except GeneratorExit:
            self._end()
            raise
        self._end()

    @contextlib.contextmanager
    def following(self) -> Iterator[None]:
        """For the others: the steps, until `go_on` says that they are over.

        Raises:
            UserError: process 0 ended without a word.
        """
        try:
            with _unbroken("Process 0 ended before the training did; its message says why."):
                yield
        finally:
            self._leave()  # threads of a broken connection that are left to the exit can abort the process

    def mean(self, tensor: Tensor) -> Tensor:
        """The mean over all processes of a tensor of the same shape in each, on the tensor's device."""
        total = tensor.detach().to(self.device, copy=True)
        dist.all_reduce(total)
        return total.div_(self.size).to(tensor.device)

    def moments(self, mean: Tensor, var: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance over the samples of all processes, in double.

        Args:
            mean: of this process's samples; all have equally many.
            var: their variance, not corrected.
        """
        mean, var = mean.double(), var.double()
        whole, squares = self.mean(torch.stack([mean, var + mean.square()]))
        return whole, (squares - whole.square()).clamp_(min=0.0)

    def _end(self) -> None:
        try:
            self.share()
            self._tell(END)
        except RuntimeError as error:  # if the others are gone already, nothing is lost
            if not _is_broken(error):
                raise
        self._leave()

    def _leave(self) -> None:
        dist.destroy_process_group()

    def _tell(self, what: int) -> int:
        """What process 0 says, in every process."""
        word = torch.tensor([what], device=self.device)
        dist.broadcast(word, src=0)
        return int(word)

    def share(self) -> None:
        """Let the others take over what process 0 has learned, if they have not yet."""
        if self._is_shared:
            return
        state: list[Any] = [self._learned() if self.rank == 0 else None]
        dist.broadcast_object_list(state, src=0, device=self.device)
        self._is_shared = True
        if self.rank != 0:
            self._learn(state[0])


@contextlib.contextmanager
def _unbroken(sentence: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if not _is_broken(error):
            raise
        raise UserError(sentence) from error


def _is_broken(error: RuntimeError) -> bool:
    return any(word in str(error) for word in BROKEN)

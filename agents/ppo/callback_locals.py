"""What callbacks find in their `locals` in the middle of a rollout, computed when they look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stable_baselines3.common.callbacks import BaseCallback
from torch import Tensor

LAZY = ("values", "log_probs")
"""Names in Stable-Baselines3's loop that ours computes after the rollout, unless somebody asks before."""


class LazyStep:
    """Values (N, 1) and log-probabilities (N,) of the present step, computed once and only if asked for.

    Attributes:
        compute: returns both; None outside of a rollout of ours.
        read: both, once somebody has asked.
    """

    def __init__(self) -> None:
        self.compute: Callable[[], tuple[Tensor, Tensor]] | None = None
        self.read: tuple[Tensor, Tensor] | None = None

    def begin(self, compute: Callable[[], tuple[Tensor, Tensor]] | None) -> None:
        """Turn to the next step, or to none."""
        self.compute, self.read = compute, None

    def __getitem__(self, name: str) -> Tensor:
        assert self.compute is not None
        if self.read is None:
            self.read = self.compute()
        return self.read[LAZY.index(name)]


class StepLocals(dict[str, Any]):
    """A callback's `locals`, in which a `LazyStep` stands for two of the entries."""

    step: LazyStep | None = None

    def _is_lazy(self, name: object) -> bool:
        return name in LAZY and self.step is not None and self.step.compute is not None

    def __getitem__(self, name: str) -> Any:
        return self.step[name] if self.step is not None and self._is_lazy(name) else super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return an entry, or the default where there is none."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return self._is_lazy(name) or super().__contains__(name)


def lend_locals(callback: BaseCallback) -> LazyStep:
    """Give a callback and all callbacks inside of it such `locals`; those who share theirs go on sharing."""
    step = LazyStep()
    found: dict[int, StepLocals] = {}
    waiting, seen = [callback], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        old = node.locals
        if id(old) not in found:
            found[id(old)] = old if isinstance(old, StepLocals) else StepLocals(old)
            found[id(old)].step = step
        node.locals = found[id(old)]
        for part in vars(node).values():
            parts = part if isinstance(part, list | tuple) else [part]
            waiting += [child for child in parts if isinstance(child, BaseCallback)]
    return step

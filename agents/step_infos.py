"""What a step says of each environment besides reward and end: a list of dicts that are made when read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


class StepInfos(list):
    """A list of dicts, each made when it is first read; then it is the caller's, who may write into it.

    Most steps of most environments are looked at by nobody, and to make a dict for each of them can take
    longer than to play the step.

    Attributes:
        fields: what all dicts hold, (N, ...) by name.
        left: how many dicts are not yet made; their places hold None.
    """

    __slots__ = ("fields", "left")

    fields: Mapping[str, np.ndarray]
    left: int

    def __getitem__(self, index: Any) -> Any:
        if self.left and isinstance(index, slice):
            self.complete()
        found = list.__getitem__(self, index)
        if found is None:
            assert not isinstance(index, slice)  # after `complete` no place holds None
            found = {"TimeLimit.truncated": False, **values_at(self.fields, index)}
            self.left -= 1
            list.__setitem__(self, index, found)
        return found

    def complete(self) -> list[dict[str, Any]]:
        """Make all dicts that are left; returns all of them in a plain list."""
        if not self.left:
            return list(list.__iter__(self))
        if self.fields:
            fresh: list[dict[str, Any]] = [{"TimeLimit.truncated": False} for _ in range(len(self))]
            for name, values in self.fields.items():
                column = values.tolist() if values.ndim == 1 else values
                for info, value in zip(fresh, column, strict=True):
                    info[name] = value
            made = [known or new for known, new in zip(list.__iter__(self), fresh, strict=True)]
        else:
            made = [known or {"TimeLimit.truncated": False} for known in list.__iter__(self)]
        list.__setitem__(self, slice(None), made)
        self.left = 0
        return made

    def __radd__(self, other: list[Any]) -> list[Any]:
        return other + self.complete()

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (self.complete(),)


def step_infos(
    count: int, fields: Mapping[str, np.ndarray], finished: Mapping[int, dict[str, Any]]
) -> StepInfos:
    """Make the infos of one step.

    Args:
        count: how many environments, N.
        fields: what all of them report, (N, ...) by name.
        finished: the whole infos of environments whose episode has ended, by index.
    """
    infos = StepInfos([None] * count)
    infos.fields, infos.left = fields, count - len(finished)
    for i, info in finished.items():
        list.__setitem__(infos, i, info)
    return infos


def values_at(fields: Mapping[str, np.ndarray], index: int) -> dict[str, Any]:
    """The values of one environment by name: plain Python numbers, and arrays where a field is one."""
    return {name: array[index].item() if array.ndim == 1 else array[index] for name, array in fields.items()}


def _completed(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: StepInfos, *arguments: Any, **keywords: Any) -> Any:
        self.complete()
        return method(self, *arguments, **keywords)

    return call


for _name in (
    "__iter__", "__reversed__", "__contains__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__",
    "__repr__", "__add__", "__iadd__", "__mul__", "__rmul__", "__imul__", "__setitem__", "__delitem__",
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort",
):  # fmt: skip
    setattr(StepInfos, _name, _completed(getattr(list, _name)))

"""Dictionaries and tuples of observations and actions as rows of numbers, with what is where. No torch.

    flat = FlatObservations(spaces.Dict(speed=spaces.Box(0, 9), gear=spaces.Discrete(5)))
    flat.flatten({"speed": [3.2], "gear": 2})           # array([0, 0, 1, 0, 0, 3.2], float32)
    acts = FlatActions(spaces.Tuple([spaces.Discrete(3), spaces.Box(-1, 1, (2,))]))
    acts.unflatten(np.float32([2, 0.5, -0.1]))          # (2, array([0.5, -0.1], dtype=float32))

A leaf is a `Box`, `Discrete`, `MultiDiscrete` or `MultiBinary`, at any depth. Both classes are a `Box`, so
that whoever knows boxes can hold and pass on the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from jaxtyping import Float32

from agents.training.compatibility import is_picture
from sandbox.errors import UserError

LEAVES = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)


def is_structured(space: spaces.Space) -> bool:
    """Tell whether a space is a dictionary or a tuple of others."""
    return isinstance(space, spaces.Dict | spaces.Tuple)


def is_nested(space: spaces.Space) -> bool:
    """Tell whether a dictionary or tuple holds another one, which Stable-Baselines3 does not take."""
    parts = space.spaces if isinstance(space, spaces.Dict | spaces.Tuple) else ()
    return any(is_structured(part) for part in (parts.values() if isinstance(parts, dict) else parts))


@dataclass(frozen=True)
class Leaf:
    """One plain space inside of a structured one.

    Attributes:
        path: keys and indices that lead to it.
        space: what it is.
        start: its first column.
        stop: the column after its last one.
    """

    path: tuple[str | int, ...]
    space: spaces.Space
    start: int
    stop: int

    def of(self, value: Any) -> np.ndarray:
        """Take this leaf's part out of a value of the structured space, or of a batch of values."""
        for key in self.path:
            value = value[key]
        return np.asarray(value)


def _leaves(space: spaces.Space, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple, spaces.Space]]:
    if isinstance(space, spaces.Dict):
        for key, part in space.spaces.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(space, spaces.Tuple):
        for index, part in enumerate(space.spaces):
            yield from _leaves(part, (*path, index))
    elif isinstance(space, LEAVES):
        if np.any(getattr(space, "start", 0)):
            raise UserError(f"Agents count from 0: declare {space} without a start.")
        yield path, space
    else:
        kinds = "Box, Discrete, MultiDiscrete and MultiBinary"
        where = ".".join(map(str, path)) or "it"
        raise UserError(f"Agents take dictionaries and tuples of {kinds}; {where} is {space}.")


class FlatObservations(spaces.Box):
    """Rows of float32: numbers as they are, one-hot for choices, as Stable-Baselines3 prepares them.

    Pictures come last, with their values as they are, for networks that cut them out again.

    Args:
        structure: a `Dict` or `Tuple` of plain spaces.

    Attributes:
        structure: as given.
        leaves: all of them in the order of the columns.
        pictures: those that are pictures.
        plain: D, columns that are no pictures.

    Raises:
        UserError: a leaf that agents do not know.
    """

    def __init__(self, structure: spaces.Space) -> None:
        self.structure = structure
        found = list(_leaves(structure))
        ordered = sorted(found, key=lambda one: is_picture(one[1]))  # which keeps the order among equals
        self.leaves: list[Leaf] = []
        at = 0
        for path, space in ordered:
            size = _one_hot_size(space)
            self.leaves.append(Leaf(path, space, at, at + size))
            at += size
        self.pictures = [leaf for leaf in self.leaves if is_picture(leaf.space)]
        self.plain = self.pictures[0].start if self.pictures else at
        super().__init__(-np.inf, np.inf, (at,), np.float32)

    def flatten(self, value: Any) -> Float32[np.ndarray, ...]:
        """Turn one observation into a row, or a batch of them (arrays with a first axis N) into N rows.

        Raises:
            UserError: not an observation of the structured space.
        """
        try:
            parts = [leaf.of(value) for leaf in self.leaves]
        except (KeyError, IndexError, TypeError) as error:
            raise UserError(f"This is no observation of {self.structure}.") from error
        batch = parts[0].shape[: parts[0].ndim - len(self.leaves[0].space.shape or ())]
        rows = np.empty((*batch, *self.shape), np.float32)
        for leaf, part in zip(self.leaves, parts, strict=True):
            if part.shape != (*batch, *(leaf.space.shape or ())):
                raise UserError(f"This is no observation of {self.structure}.")
            rows[..., leaf.start : leaf.stop] = _numbers(leaf.space, part, batch)
        return rows


def _one_hot_size(space: spaces.Space) -> int:
    if isinstance(space, spaces.Discrete):
        return int(space.n)
    return int(space.nvec.sum() if isinstance(space, spaces.MultiDiscrete) else np.prod(space.shape or (1,)))


def _numbers(space: spaces.Space, part: np.ndarray, batch: tuple[int, ...]) -> np.ndarray:
    if isinstance(space, spaces.Discrete):
        return np.arange(space.n) == part[..., None]
    if isinstance(space, spaces.MultiDiscrete):
        choices = zip(np.moveaxis(part.reshape(*batch, -1), -1, 0), space.nvec.ravel(), strict=True)
        return np.concatenate([np.arange(n) == choice[..., None] for choice, n in choices], -1)
    return part.reshape(*batch, -1)


class FlatActions(spaces.Box):
    """Rows of float32: the number of each choice, then each bit as 0 or 1, then the continuous numbers.

    Args:
        structure: a `Dict` or `Tuple` of plain spaces.

    Attributes:
        structure: as given.
        leaves: all of them in the order of the columns.
        sizes: options of each choice.
        bits: how many there are.
        numbers: how many continuous ones there are.

    Raises:
        UserError: a leaf that agents do not know, or a `Box` of whole numbers.
    """

    def __init__(self, structure: spaces.Space) -> None:
        self.structure = structure
        found = list(_leaves(structure))
        choices = (spaces.Discrete, spaces.MultiDiscrete)
        groups: list[list[tuple[tuple, spaces.Space]]] = [
            [one for one in found if isinstance(one[1], kind)]
            for kind in (choices, spaces.MultiBinary, spaces.Box)
        ]
        self.leaves: list[Leaf] = []
        at = 0
        for path, space in (one for group in groups for one in group):
            if isinstance(space, spaces.Box) and np.dtype(space.dtype).kind != "f":
                raise UserError(f"Agents choose fractions from a Box: use MultiDiscrete instead of {space}.")
            size = int(np.prod(space.shape or (1,)))
            self.leaves.append(Leaf(path, space, at, at + size))
            at += size
        self.sizes = [n for _, one in groups[0] for n in _options(one)]
        self.bits = sum(int(np.prod(one.shape)) for _, one in groups[1] if one.shape is not None)
        self.numbers = at - len(self.sizes) - self.bits
        boxes = [one for _, one in groups[2] if isinstance(one, spaces.Box)]
        lows = [np.zeros(len(self.sizes) + self.bits), *(box.low.ravel() for box in boxes)]
        highs = [np.array(self.sizes) - 1.0, np.ones(self.bits), *(box.high.ravel() for box in boxes)]
        low, high = (np.concatenate(ends).astype(np.float32) for ends in (lows, highs))
        super().__init__(low, high, (at,), np.float32)

    @property
    def num_outputs(self) -> int:
        """Parameters of the distribution over such actions: a logit an option or bit, a mean a number."""
        return sum(self.sizes) + self.bits + self.numbers

    def sample(self, *_: Any, **__: Any) -> Float32[np.ndarray, " n"]:
        """Draw a row."""
        self.structure.seed(int(self.np_random.integers(2**31)))
        return self.flatten(self.structure.sample())

    def flatten(self, value: Any) -> Float32[np.ndarray, " n"]:
        """Turn one action into a row."""
        return np.concatenate([leaf.of(value).ravel() for leaf in self.leaves]).astype(np.float32)

    def unflatten(self, row: np.ndarray) -> Any:
        """Turn a row into an action as the environment takes it."""
        parts = {leaf.path: _value(leaf.space, row[leaf.start : leaf.stop]) for leaf in self.leaves}
        return _build(self.structure, parts, ())


def _options(space: spaces.Space) -> list[int]:
    return space.nvec.ravel().tolist() if isinstance(space, spaces.MultiDiscrete) else [int(space.n)]  # type: ignore[attr-defined]


def _value(space: spaces.Space, part: np.ndarray) -> Any:
    if isinstance(space, spaces.Discrete):
        return np.int64(round(float(part[0])))
    if isinstance(space, spaces.Box):
        return np.clip(part.reshape(space.shape), space.low, space.high).astype(space.dtype)
    return np.rint(part).astype(space.dtype).reshape(space.shape or ())


def _build(space: spaces.Space, parts: Mapping[tuple, Any], path: tuple) -> Any:
    if isinstance(space, spaces.Dict):
        return {key: _build(part, parts, (*path, key)) for key, part in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(_build(part, parts, (*path, index)) for index, part in enumerate(space.spaces))
    return parts[path]


def flat_observations(space: spaces.Space) -> spaces.Space:
    """Give the space that agents see: rows in place of a dictionary or tuple, any other as it is."""
    return FlatObservations(space) if is_structured(space) else space


def flat_actions(space: spaces.Space) -> spaces.Space:
    """Give the space that agents act in: rows in place of a dictionary or tuple, any other as it is."""
    return FlatActions(space) if is_structured(space) else space

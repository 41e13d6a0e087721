"""What a person played, step by step, in a `.npz` file without pickle, to imitate later.

Arrays, with T steps of E episodes one after the other:

    obs          (T, *obs)     seen before each action
    actions      (T, *action)
    rewards      (T,)          f8
    terminated   (T,)          bool: the step ended the episode
    truncated    (T,)          bool: the episode was cut off after it; neither: the window was closed
    last_obs     (E, *obs)     seen after the last action of each episode
    lengths      (E,)          steps of each episode; they add up to T
    seeds        (E,)          i8; -1 where an episode was not begun with a seed
    about        ()            JSON text: id, params, created
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from agents.viewing.moment import Moment
from agents.viewing.viewed_environment import World
from sandbox.errors import UserError, because
from sandbox.files import replace_bytes

ARRAYS = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
"""Spaces whose elements are arrays or numbers."""


class Recording:
    """Collects moments and writes them.

    Args:
        path: of the file; `.npz` is added to a name without an ending. None for no file until `save_as`.
        world: what is played.

    Raises:
        UserError: the file exists already, or cannot be written there; or observations are no arrays.
    """

    def __init__(self, path: Path | None, world: World):
        self.path = path if path is None or path.suffix else path.with_suffix(".npz")
        self.params = world.params
        if not isinstance(world.observation_space, ARRAYS):
            raise UserError(f"What is seen in {world.id} is no array, so it cannot be recorded.")
        if self.path is not None and self.path.exists():
            raise UserError(f"{self.path} exists already; give the recording another name.")
        self._world = world
        self._moments: list[list[Moment]] = []
        self._seeds: list[int] = []
        if self.path is not None:
            self.save_as(self.path)  # said now, not after an hour of play

    def begin(self, first: Moment, seed: int | None) -> None:
        """Notes the first moment of an episode; one that was begun and never played is forgotten."""
        if self._moments and len(self._moments[-1]) == 1:
            self._moments.pop()
            self._seeds.pop()
        self._moments.append([replace(first, ops=[])])
        self._seeds.append(-1 if seed is None else seed)

    def add(self, moment: Moment) -> None:
        """Notes the moment after an action."""
        self._moments[-1].append(replace(moment, ops=[]))

    def undo(self) -> None:
        """Forgets the present episode as far as it was played; if it was not, the one before it."""
        if len(self._moments) > 1 and len(self._moments[-1]) == 1:
            del self._moments[-2], self._seeds[-2]
        elif self._moments:
            self._moments[-1] = self._moments[-1][-1:]
            self._seeds[-1] = -1  # it no longer begins where the seed does

    @property
    def steps(self) -> int:
        """Actions recorded so far."""
        return sum(len(moments) - 1 for moments in self._moments)

    @property
    def episodes(self) -> int:
        """Episodes recorded so far, of at least one step."""
        return sum(len(moments) > 1 for moments in self._moments)

    def save_as(self, path: Path) -> None:
        """Writes a file whole or not at all.

        Raises:
            UserError: it cannot be written.
        """
        arrays = self.arrays()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with BytesIO() as buffer:
                np.savez_compressed(buffer, allow_pickle=False, **arrays)
                replace_bytes(path, buffer.getvalue())
        except OSError as error:
            raise UserError(f"Nothing can be recorded in {path}, because {because(error)}.") from error

    def close(self) -> None:
        """Writes the file; without a single step there is none.

        Raises:
            UserError: it cannot be written.
        """
        if self.path is None:
            return
        if self.steps:
            self.save_as(self.path)
        else:
            self.path.unlink(missing_ok=True)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of the file."""
        played = [(m, s) for m, s in zip(self._moments, self._seeds, strict=True) if len(m) > 1]
        before = [moment for moments, _ in played for moment in moments[:-1]]
        after = [moment for moments, _ in played for moment in moments[1:]]
        actions, observations = self._world.action_space, self._world.observation_space
        about = {
            "id": self._world.id,
            "params": self.params,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        return {
            "obs": _stack([moment.obs for moment in before], observations),
            "actions": _stack([moment.action for moment in after], actions),
            "rewards": np.array([moment.reward for moment in after], np.float64),
            "terminated": np.array([moment.terminated for moment in after], np.bool_),
            "truncated": np.array([moment.truncated for moment in after], np.bool_),
            "last_obs": _stack([moments[-1].obs for moments, _ in played], observations),
            "lengths": np.array([len(moments) - 1 for moments, _ in played], np.int64),
            "seeds": np.array([seed for _, seed in played], np.int64),
            "about": np.array(json.dumps(about)),
        }


def _stack(rows: list[Any], space: spaces.Space) -> np.ndarray:
    return np.array(rows, space.dtype).reshape(len(rows), *(space.shape or ()))

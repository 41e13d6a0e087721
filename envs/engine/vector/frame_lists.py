"""Pictures collected until somebody asks for them: render mode "rgb_array_list" of many environments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


class FrameLists:
    """One list of pictures for each environment, as Gymnasium's `RenderCollection` around each has them.

    A reset empties the list, and every reset and step adds a picture.
    """

    def __init__(self, num_envs: int, draw: Callable[[], Sequence[np.ndarray]]) -> None:
        """Begin with empty lists.

        Args:
            num_envs: how many environments.
            draw: gives one picture (height, width, 3) of each.
        """
        self._draw = draw
        self._lists: list[list[np.ndarray]] = [[] for _ in range(num_envs)]

    def after_reset(self, begun: np.ndarray) -> None:
        """Take pictures of those that have begun an episode, and forget what was before.

        Args:
            begun: bool, (num_envs,).
        """
        frames = self._draw()
        for i in np.flatnonzero(begun).tolist():
            self._lists[i] = [frames[i]]

    def after_step(self, begun: np.ndarray) -> None:
        """Take pictures of all; of those that have begun another episode in this step, only this one stays.

        Args:
            begun: bool, (num_envs,).
        """
        for i, frame in enumerate(self._draw()):
            self._lists[i] = [frame] if begun[i] else [*self._lists[i], frame]

    def take(self) -> tuple[list[np.ndarray], ...]:
        """The lists; they are empty afterwards."""
        taken = tuple(self._lists)
        self._lists = [[] for _ in taken]
        return taken

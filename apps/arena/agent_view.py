"""An agent at one age: how it plays, and what it reaches, in the physics of its training or in others."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.studio.page.checkpoint_view import CheckpointView
from apps.studio.page.kept import kept
from sandbox.runs import Run

EPISODES = 30
"""Whole episodes that everybody plays: the same ones for all, and the agent was trained on none of them."""


@dataclass(frozen=True)
class AgentView(CheckpointView):
    """A run of an agent at one age; its `predictor` is the `Player` of the checkpoint."""

    @staticmethod
    def read(path: str, step: int, written: float) -> Any:
        """The player of a checkpoint, read once."""
        from agents.player import Player

        return kept(("player", path, step, written), lambda: Player.load(Run.open(path), step))

    @property
    def target(self) -> str:
        """The environment that it learned in."""
        return self.run.config["target"]

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings of its training."""
        return self.run.config.get("settings") or {}

    @property
    def trained_in(self) -> Mapping[str, Any]:
        """The physics of its training: parameters that differ from their defaults."""
        return self.settings.get("params") or {}

    @property
    def draws(self) -> bool:
        """Whether it draws its actions, as it did on the way, or takes the best: at the end of a training."""
        from agents.player import has_ended

        return not has_ended(self.run, self.step)

    def player(self) -> Any:
        """A player for one episode, which acts as the agent does at this age."""
        player = copy.copy(self.predictor)
        player.deterministic = not self.draws
        return player

    def play(
        self, params: Mapping[str, Any] | None = None, *, draws: bool | None = None
    ) -> Mapping[str, Any]:
        """Play the episodes.

        Args:
            params: physics that differ from the defaults; None for those of the training.
            draws: whether actions are drawn; None for as at this age.

        Returns:
            An `agents.evaluate.Evaluation`.

        Raises:
            UserError: it cannot play there.
        """
        from agents.evaluate import evaluate_policy

        there = dict(self.trained_in if params is None else params)
        drawn = self.draws if draws is None else draws
        return kept(
            ("played", *self.key, drawn, tuple(sorted(there.items()))),
            lambda: evaluate_policy(
                self.target, self.predictor.playing(deterministic=not drawn), EPISODES, params=there
            ),
        )

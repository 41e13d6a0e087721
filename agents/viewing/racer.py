"""Who may race: an agent at one of its ages, the hand-written player, chance or a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from agents.viewing.decision import PLAYERS
from agents.viewing.episode import Control
from sandbox.errors import UserError
from sandbox.runs import Run, is_there, runs_dir


@dataclass(frozen=True)
class Racer:
    """One of the two.

    Attributes:
        control: how it plays.
        run: whose agent it is; None of any other player.
        step: age of the agent, the step of a checkpoint.
    """

    control: Control
    run: Run | None = None
    step: int | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        if self.run is None:
            return PLAYERS[self.control]
        return self.run.name if self.step is None else f"{self.run.name} at step {self.step:,}"

    def player(self) -> Any:
        """The agent at its age; None of any other player.

        Raises:
            UserError: its checkpoint is gone or corrupt.
        """
        if self.run is None:
            return None
        from agents.loops.seeing_player import load_player  # with torch

        return load_player(self.run, self.step)

    def evaluate(
        self,
        target: str,
        params: Mapping[str, Any],
        episodes: int,
        seed: int,
        deterministic: bool | None = None,
    ) -> Any:
        """Play whole episodes without pictures, all at once.

        Args:
            target: the environment.
            params: its parameters that differ from their defaults.
            episodes: how many.
            seed: of the first one.
            deterministic: whether an agent takes its best action; None for as it did at its age.

        Returns:
            An `agents.evaluate.Evaluation`.

        Raises:
            UserError: it cannot play so many at once, as a tree search or a network that sees.
        """
        from agents import evaluate
        from agents.environments import find_target

        found, policy = find_target(target), None
        if self.run is not None and self.run.config.get("kind") != "task":
            policy = self.player().playing(deterministic)
        elif self.control == "baseline" and found.environment is not None:
            policy = evaluate.baseline_policy(found.environment)
        elif self.control == "random":
            policy = evaluate.random_policy(found.spaces(params)[1])
        if policy is None:
            raise UserError(f"Many episodes at once of {target} cannot be played by: {self.name}.")
        return evaluate.evaluate_policy(found.name, policy, episodes, seed, params)


def racer_of(word: str) -> Racer:
    """Who is meant by a word of a command.

    Args:
        word: `baseline`, `random`, `search`, a run, or `RUN@STEP` for the run at an age, the nearest one.

    Raises:
        UserError: none of these, or a run without a checkpoint.
    """
    if word in get_args(Control) and word in PLAYERS and word != "agent":
        return Racer(cast(Control, word))
    run, step = run_at(word)
    steps = run.checkpoints()
    if not steps:
        raise UserError(f"{run.name} has no checkpoint yet, so it cannot race.")
    return Racer("agent", run, steps[-1] if step is None else min(steps, key=lambda each: abs(each - step)))


def run_at(word: str) -> tuple[Run, int | None]:
    """The run and the age that `RUN@STEP` means; without an age None.

    Raises:
        UserError: there is no such run.
    """
    name, at, step = word.rpartition("@")
    if at and step.isdecimal() and not (is_there(Path(word), folder=True) or is_there(runs_dir() / word)):
        return Run.open(name), int(step)
    return Run.open(word), None

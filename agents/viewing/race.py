"""Two players in the same episodes, beside each other: who reaches more, and how sure that is.

Both begin each episode from the same seed, and one clock moves both. Who has the larger return wins it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from agents.viewing.decision import PLAYERS
from agents.viewing.episode import Control, Episode
from agents.viewing.viewed_environment import open_world
from sandbox.errors import UserError
from sandbox.runs import Run, is_there, runs_dir
from sandbox.statistics import Interval, bootstrap_interval, probability_of_improvement, stratified_interval

FEW = 5
"""Episodes below which an interval would say less than it seems to."""
SAME = 1e-9
"""Returns this near to each other are a tie."""


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


@dataclass(frozen=True)
class Standing:
    """What two players reached in the same episodes.

    Attributes:
        names: of both.
        returns: one list for each player, in the same order of episodes.
    """

    names: tuple[str, str]
    returns: tuple[Sequence[float], Sequence[float]]

    @property
    def episodes(self) -> int:
        """How many were played to their end by both."""
        return len(self.returns[0])

    @cached_property
    def won(self) -> tuple[int, int, int]:
        """Episodes that the first won, that the second won, and ties."""
        ahead = self._ahead
        first, second = int((ahead > SAME).sum()), int((ahead < -SAME).sum())
        return first, second, len(ahead) - first - second

    @cached_property
    def difference(self) -> Interval | None:
        """How far the first is ahead in an episode, with its interval; None of too few episodes.

        The episodes are the same for both, so each gives one difference.
        """
        return bootstrap_interval(self._ahead) if self.episodes >= FEW else None

    @cached_property
    def improvement(self) -> Interval | None:
        """Probability that an episode of the first beats one of the second; None of too few episodes."""
        if self.episodes < FEW:
            return None
        return stratified_interval(self.returns, probability_of_improvement, resamples=1000)

    @property
    def _ahead(self) -> np.ndarray:
        return np.asarray(self.returns[0], np.float64) - np.asarray(self.returns[1], np.float64)

    def record(self) -> dict[str, Any]:
        """For JSON."""
        first, second, tied = self.won
        intervals = {"difference": self.difference, "improvement": self.improvement}
        return {
            "names": list(self.names),
            "episodes": self.episodes,
            "won": first,
            "lost": second,
            "tied": tied,
            **{name: None if found is None else asdict(found) for name, found in intervals.items()},
        }

    def verdict(self) -> str:
        """Who is better, in one sentence."""
        if (found := self.difference) is None:
            return f"After {FEW} episodes it is said how sure a difference is."
        if found.low == found.high == 0:
            return "Both reach the same."
        if found.low <= 0 <= found.high:
            return (
                f"Over {self.episodes} episodes neither is clearly better: the first is ahead by "
                f"{found.mean:.3g}, 95 % interval {found.low:.3g} to {found.high:.3g}."
            )
        sign = 1 if found.mean > 0 else -1
        low, high = sorted((sign * found.low, sign * found.high))
        better = self.names[0 if sign > 0 else 1]
        return (
            f"Clearly better: {better}, by {sign * found.mean:.3g} in an episode, 95 % interval {low:.3g} to "
            f"{high:.3g}."
        )

    def tally(self) -> str:
        """Who won how many."""
        first, second, tied = self.won
        ties = f", {tied} tie{'s' * (tied != 1)}" if tied else ""
        return f"{first} : {second}{ties}, {self.names[0]} against {self.names[1]}"


class Race:
    """Two players play the same episodes, step by step.

    Args:
        target: the environment.
        racers: both.
        params: parameters that differ from their defaults; the same for both.
        seed: of the first episode.
        ops: whether moments carry drawing operations.

    Attributes:
        racers: both.
        episodes: what each plays.
        seed: of the present episode.
        results: by seed, the returns of the episodes that both played from their beginning to their end.

    Raises:
        UserError: one of them cannot play there.
    """

    def __init__(
        self,
        target: str,
        racers: tuple[Racer, Racer],
        params: Mapping[str, Any] | None = None,
        *,
        seed: int = 0,
        ops: bool = False,
    ) -> None:
        self.racers, self.seed = racers, seed
        self.results: dict[int, tuple[float, float]] = {}
        first, second = (
            Episode(
                open_world(target, params), racer.player(), seed=seed, control=racer.control, ops=ops
            )
            for racer in racers
        )
        self.episodes = first, second
        self._whole = True
        self._standing: Standing | None = None

    @property
    def over(self) -> bool:
        """Whether both have come to the end of the episode."""
        return all(episode.moment.over for episode in self.episodes)

    @property
    def step(self) -> int:
        """Of the clock of both."""
        return max(episode.moment.step for episode in self.episodes)

    @property
    def winner(self) -> int | None:
        """Who is ahead in return: 0, 1, or None of a tie."""
        first, second = (episode.moment.episode_return for episode in self.episodes)
        return None if abs(first - second) <= SAME else int(second > first)

    def play(self) -> None:
        """One step of both; who is at the end of the episode waits for the other."""
        for episode in self.episodes:
            if not episode.moment.over:
                episode.step()
        if self.over and self._whole:
            first, second = (episode.moment.episode_return for episode in self.episodes)
            self.results[self.seed] = first, second
            self._standing = None

    def back(self) -> None:
        """One step back of both; who was at the end already then stays there."""
        step = self.step
        for episode in self.episodes:
            if episode.moment.step == step:
                episode.back()

    def restart(self, seed: int) -> None:
        """Both begin an episode."""
        self.seed, self._whole = seed, True
        for episode in self.episodes:
            episode.restart(seed)

    def change(self, side: int, racer: Racer, player: Any = None) -> None:
        """Somebody else goes on from the present moment, and the tally begins anew.

        Args:
            side: 0 or 1.
            racer: who.
            player: its agent, if it is loaded already.

        Raises:
            UserError: it cannot play there; then all stays as it was.
        """
        episode = self.episodes[side]
        player = racer.player() if player is None else player
        if player is not None:
            episode.player = player
        episode.control = racer.control
        self.racers = (racer, self.racers[1]) if side == 0 else (self.racers[0], racer)
        self.forget()

    def turn(self, params: Mapping[str, Any]) -> None:
        """Change the physics, the rest to its defaults, in the middle of the episode; the tally begins anew."""
        for episode in self.episodes:
            episode.set_params(**episode.world.whole_params(params))
        self.forget()

    def forget(self) -> None:
        """Begin the tally anew; an episode that is under way does not count any more."""
        self.results.clear()
        self._standing = None
        self._whole = self.step == 0

    @property
    def standing(self) -> Standing:
        """What both reached so far."""
        if self._standing is None:
            pairs = list(self.results.values())
            names = self.racers[0].name, self.racers[1].name
            self._standing = Standing(names, ([a for a, _ in pairs], [b for _, b in pairs]))
        return self._standing

    def close(self) -> None:
        """Let go of what the worlds hold."""
        for episode in self.episodes:
            episode.close()

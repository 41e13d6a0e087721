"""How strong a run's agent was at each of its ages: its checkpoints play each other and fixed opponents.

The player at random has 0 Elo. Every age takes its best action; what differs from game to game is the random
opening, of which each is played twice, so that either begins. Results are kept in the run's folder: later
calls add games instead of playing them again, and a new checkpoint plays only its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from agents.environments import find_target
from agents.evaluate import AtRandom, HandWritten, Policy, evaluate_policy
from agents.planning.elo import Rating, rate
from agents.planning.games import OPENING, play_games
from agents.player import Player
from agents.pqn.self_play import OPPONENT
from envs.engine.environment import Environment
from sandbox.errors import UserError
from sandbox.files import json_bytes, read_object, replace_bytes
from sandbox.runs import Run

FILE = "elo.json"
VERSION = 1
MOST_AGES = 12
"""Checkpoints that play; of more, these are spread evenly."""
ROUNDS = (2, 5, 10, 20)
"""Openings of each pairing after which there is something new to show; each is played twice."""
RANDOM, WRITTEN = "random player", "hand-written player"
SEED = 3_000_000


@dataclass(frozen=True)
class Entrant:
    """Who plays.

    Attributes:
        name: in the results.
        step: of an age; None of the fixed opponents.
        answers: number of the environment's own opponent, which plays within its step; None of all others.
    """

    name: str
    step: int | None = None
    answers: int | None = None


@dataclass(frozen=True)
class Rated:
    """An entrant and its number."""

    entrant: Entrant
    rating: Rating


class Ladder:
    """The ages of a run and who else plays.

    Args:
        run: of an agent in a game of two players.
        most: ages, at most.

    Attributes:
        entrants: the player at random first, then other fixed opponents, then the ages.

    Raises:
        UserError: no such game, or no checkpoint.
    """

    def __init__(self, run: Run, most: int = MOST_AGES) -> None:
        self.run = run
        target = find_target(run.config["target"])
        if target.environment is None or OPPONENT not in target.environment.params:
            raise UserError(f"{target.name} is no game of two players, so its agents cannot play each other.")
        self._environment: Environment = target.environment
        self._name = target.name
        settings = run.config.get("settings") or {}
        self._params = {k: v for k, v in (settings.get("params") or {}).items() if k != OPPONENT}
        steps = run.checkpoints()
        if not steps:
            raise UserError(f"{run.name} has no checkpoint yet.")
        kept = np.unique(np.linspace(0, len(steps) - 1, min(most, len(steps))).round().astype(int))
        self.entrants = [
            Entrant(RANDOM),
            *[Entrant(name, answers=number) for number, name in opponents_of(self._environment).items()],
            *([Entrant(WRITTEN)] if self._environment.baseline is not None else []),
            *[Entrant(f"step {steps[i]}", step=steps[i]) for i in kept],
        ]
        self._policies: dict[int, Callable[[], Policy]] = {}
        self._scores = self._read()

    @property
    def openings(self) -> int:
        """That every pairing has played."""
        return min((len(self._scores.get(key, [])) for key in self._pairings().values()), default=0)

    @property
    def games(self) -> int:
        """Played so far."""
        return sum(2 * len(self._scores.get(key, [])) for key in self._pairings().values())

    def play(self, openings: int) -> None:
        """Let every pairing play until it has played so many openings, and keep the results.

        Raises:
            UserError: a checkpoint that is gone or corrupt.
        """
        missing = {pair: openings - len(self._scores.get(key, [])) for pair, key in self._pairings().items()}
        free = [
            p for p in missing if self.entrants[p[0]].answers is None and self.entrants[p[1]].answers is None
        ]
        rows = [pair for pair in free for _ in range(missing[pair])]
        if rows:
            makers = [self._policy(i) for i in range(len(self.entrants))]
            # Games that come later begin with other openings.
            seed = SEED + min(len(self._scores.get(self._key(pair), [])) for pair in set(rows))
            found = play_games(self._environment, makers, rows, seed, OPENING, self._params)
            for pair, row in zip(rows, found, strict=True):
                self._scores.setdefault(self._key(pair), []).append(float((row.mean() + 1) / 2))
        for pair, count in missing.items():
            if pair not in free and count > 0:
                self._answered(pair, count)
        self._write()

    def rated(self) -> list[Rated]:
        """Everybody with a number, in the order of `entrants`."""
        scores = [(*pair, self._scores.get(key, [])) for pair, key in self._pairings().items()]
        ratings = rate(scores, len(self.entrants))
        return [Rated(*each) for each in zip(self.entrants, ratings, strict=True)]

    def _answered(self, pair: tuple[int, int], count: int) -> None:
        """Play against the environment's own opponent, who begins every second game or so."""
        i, j = pair
        other = i if self.entrants[i].answers is not None else j
        who = j if other == i else i
        params = {**self._params, OPPONENT: self.entrants[other].answers}
        seed = SEED + 2 * len(self._scores.get(self._key(pair), []))
        returns = evaluate_policy(self._name, self._policy(who)(), 2 * count, seed, params)["returns"]
        score = (np.sign(np.array(returns)).reshape(count, 2).mean(1) + 1) / 2
        score = score if who == i else 1 - score
        self._scores.setdefault(self._key(pair), []).extend(score.tolist())

    def _policy(self, index: int) -> Callable[[], Policy]:
        entrant = self.entrants[index]
        if index not in self._policies:
            environment = self._environment
            if entrant.step is not None:
                player = Player.load(self.run, entrant.step)
                self._policies[index] = lambda: player.playing(True)
            elif entrant.name == WRITTEN:
                self._policies[index] = lambda: HandWritten(environment)
            else:
                self._policies[index] = lambda: AtRandom(environment.action_space, SEED)
        return self._policies[index]

    def _pairings(self) -> dict[tuple[int, int], str]:
        every = combinations(range(len(self.entrants)), 2)
        return {
            (i, j): self._key((i, j))
            for i, j in every
            if self.entrants[i].answers is None or self.entrants[j].answers is None
        }

    def _key(self, pair: tuple[int, int]) -> str:
        return " | ".join(self.entrants[i].name for i in pair)

    @property
    def _rules(self) -> dict[str, Any]:
        """What the results are about; others are not used."""
        return {"version": VERSION, "environment": self._environment.id, "params": self._params}

    def _read(self) -> dict[str, list[float]]:
        try:
            found = read_object(self.run.path / FILE)
        except UserError:  # there is none yet, or it is damaged: all is played anew
            return {}
        scores = found.get("scores")
        if {name: found.get(name) for name in self._rules} != self._rules or not isinstance(scores, dict):
            return {}
        return {
            key: [float(x) for x in each]
            for key, each in scores.items()
            if isinstance(each, list) and all(_is_score(x) for x in each)
        }

    def _write(self) -> None:
        try:
            replace_bytes(self.run.path / FILE, json_bytes({**self._rules, "scores": self._scores}))
        except OSError:  # a folder that cannot be written, or is gone: they are played again next time
            return


def opponents_of(environment: Environment) -> dict[int, str]:
    """The environment's own opponents by their number, but for one that plays at random.

    Their names are read off the help of the parameter: `0 nobody; 1 random; 2 wins and blocks`.
    """
    param = environment.params[OPPONENT]
    named = {int(number): name.strip() for number, name in re.findall(r"(\d+) ([^;]+)", param.help)}
    every = range(1, int(param.high) + 1)
    names = {number: named.get(number, f"opponent {number}") for number in every}
    return {number: name for number, name in names.items() if name != "random"}


def ages_of(rated: Sequence[Rated]) -> list[Rated]:
    """Those that are ages of the run."""
    return [each for each in rated if each.entrant.step is not None]


def _is_score(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1

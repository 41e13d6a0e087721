"""Tree search in connect four: with an agent and without, at equal time, and beside perfect play.

The agent is the preset's, `best`, trained here by search from games against itself. Matches begin with two
random moves, each pair of games with the same ones and the players changed over.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import envs
from agents.evaluate import baseline_policy
from agents.planning import SearchPlayer
from agents.planning.match import Chooser, elo_difference, play_match
from agents.planning.perfect_play import Solver
from agents.player import Player
from agents.settings import settings_for
from agents.train import train
from envs.engine.core.batch import Batch
from envs.engine.core.kernels import DISABLED
from sandbox.devices import one_thread
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval

BENCH = {"name": "search", "title": "Tree search", "long": True}
TARGET, AGENT, PRESET = "connect_four", "alphazero", "best"
STONES = (12, 16)
"""On the board in the positions that are compared with perfect play; the solver needs long for fewer."""


def bench(quick: bool) -> list[dict[str, Any]]:
    """Measure; takes about 25 minutes, or three if quick.

    Args:
        quick: a shorter training, one tenth of the games and positions.

    Returns:
        Tables: title, columns, rows, note.
    """
    with one_thread(), tempfile.TemporaryDirectory() as folder:
        agent = trained(Path(folder), quick)
        games = 10 if quick else 100
        times = (0.02,) if quick else (0.02, 0.1)
        return [
            {
                "title": "Connect four: matches of two players",
                "columns": ["player", "against", "games", "points of 10", "95 % interval", "Elo ahead"],
                "rows": [row for seconds in times for row in match_rows(agent, seconds, games)],
                "note": "A win is 1 point, a draw half of one. The time is for each decision, on one thread.",
            },
            *(perfect_table(agent, 20 if quick else 100, stones) for stones in STONES),
        ]


def trained(folder: Path, quick: bool) -> Player:
    """Train the preset's agent.

    Args:
        folder: for the run.
        quick: a fifth of the steps of the preset that takes less time.
    """
    settings = settings_for(TARGET, AGENT, "default" if quick else PRESET)
    if quick:
        settings = dataclasses.replace(settings, total_timesteps=settings.total_timesteps // 5)
    run = Run.create(TARGET, {"agent": AGENT, "seed": 0, "threads": 1, "device": "cpu"}, folder)
    for _ in train(TARGET, settings, run):
        pass
    return Player.load(run)


def searching(seconds: float, agent: Player | None = None) -> Chooser:
    """A search as a player of a match."""
    player = SearchPlayer(TARGET, None, agent, seconds=seconds)
    return lambda obs, state, allowed: int(player.act(obs, state=state, mask=allowed).action)


def alone(agent: Player) -> Chooser:
    """An agent without search as a player of a match."""
    return lambda obs, state, allowed: int(agent.act(obs, True, mask=allowed).action)


def written() -> Chooser:
    """The hand-written player."""
    policy = baseline_policy(envs.find(TARGET))
    assert policy is not None
    return lambda obs, state, allowed: int(policy(obs[None])[0])


def match_rows(agent: Player, seconds: float, games: int) -> list[list[str]]:
    """Play the matches of one time for a decision."""
    milliseconds = f"{1000 * seconds:g} ms"
    guided, plain = searching(seconds, agent), searching(seconds)
    pairs = (
        (f"agent and search, {milliseconds}", guided, f"search, {milliseconds}", plain),
        (f"agent and search, {milliseconds}", guided, "agent", alone(agent)),
        (f"search, {milliseconds}", plain, "hand-written", written()),
    )
    rows = []
    for name, first, other, second in pairs:
        results = play_match(envs.find(TARGET), first, second, games)
        points = bootstrap_interval(5 * (results + 1))
        interval = f"{points.low:.1f} to {points.high:.1f}"
        rows.append(
            [name, other, str(games), f"{points.mean:.1f}", interval, f"{elo_difference(results):.0f}"]
        )
    return rows


def positions(count: int, stones: int, seed: int = 0) -> list[np.void]:
    """Draw states in which nobody has won, with so many stones of random play.

    Args:
        count: how many.
        stones: on the board.
        seed: of the play.
    """
    environment, random = envs.find(TARGET), np.random.default_rng(seed)
    batch = Batch(environment, 1, params={"opponent": 0})
    obs = np.zeros((1, *(environment.observation_space.shape or ())), np.uint8)
    reward, over, cut, allowed = np.zeros(1), np.zeros(1, bool), np.zeros(1, bool), np.ones((1, 7), bool)
    found: list[np.void] = []
    while len(found) < count:
        batch.reset(obs)
        for _ in range(stones):
            batch.action_masks(allowed)
            action = random.choice(np.flatnonzero(allowed[0]))
            batch.step(np.array([action]), obs, reward, over, cut, None, DISABLED)
            if over[0]:
                break
        else:
            found.append(batch.states[0].copy())
    return found


def perfect_table(agent: Player, count: int, stones: int) -> dict[str, Any]:
    """How often players choose a move that keeps what perfect play has."""
    environment, solver = envs.find(TARGET), Solver()
    batch = Batch(environment, 1, params={"opponent": 0})
    obs = np.zeros((1, *(environment.observation_space.shape or ())), np.uint8)
    allowed = np.zeros((1, 7), bool)
    players = {
        "agent and search, 100 ms": searching(0.1, agent),
        "agent and search, 20 ms": searching(0.02, agent),
        "search, 100 ms": searching(0.1),
        "search, 20 ms": searching(0.02),
        "agent": alone(agent),
        "hand-written": written(),
    }
    kept: dict[str, list[float]] = {name: [] for name in players}
    by_chance: list[float] = []
    for state in positions(4 * count, stones):
        values = solver.values(state)
        best = max(values.values())
        if len(by_chance) == count:
            break
        if best == min(values.values()):
            continue  # no move is a mistake
        batch.states[0] = state
        batch.observe(obs)
        batch.action_masks(allowed)
        by_chance.append(float(np.mean([value == best for value in values.values()])))
        for name, player in players.items():
            kept[name].append(float(values[player(obs[0], batch.states[0], allowed[0])] == best))
    rows = []
    for name, shares in {**kept, "chance": by_chance}.items():
        interval = bootstrap_interval(shares)
        rows.append(
            [name, f"{100 * interval.mean:.0f}", f"{100 * interval.low:.0f} to {100 * interval.high:.0f}"]
        )
    return {
        "title": f"Connect four, {stones} stones: moves that keep what perfect play has from there",
        "columns": ["player", "%", "95 % interval"],
        "rows": rows,
        "note": f"{len(by_chance)} positions with {stones} stones of random play in which some moves are "
        "mistakes; the solver tries everything.",
    }

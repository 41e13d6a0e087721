"""What three old ideas add to an agent, each beside the plain one, over five seeds.

A bonus for what a self-organising map has hardly seen, where rewards are rare; the free energy of a
restricted Boltzmann machine as Q-values, beside a perceptron's; the code of an autoencoder that has looked at
random play, beside a CNN that learns to see from rewards. Within a row all else is the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from agents.bench.environment_row import EPISODES, trained
from agents.settings import AgentSettings, settings_for
from sandbox.devices import set_threads
from sandbox.statistics import bootstrap_interval, probability_of_improvement, stratified_interval
from sandbox.terminal import console

BENCH = {"name": "exploration", "title": "Exploration and representation", "long": True}
SEEDS = 5


@dataclass(frozen=True)
class Contest:
    """One environment and two agents in it.

    Attributes:
        label: what it is called in the table.
        target: the environment.
        plain: settings of the agent without the block.
        ours: likewise, with it.
    """

    label: str
    target: str
    plain: AgentSettings
    ours: AgentSettings


def _contest(
    label: str,
    target: str,
    both: Mapping[str, Any],
    plain: Mapping[str, Any] | None = None,
    ours: Mapping[str, Any] | None = None,
    agents: tuple[str, str] = ("ppo", "ppo"),
    preset: str = "default",
) -> Contest:
    of_each = [
        dataclasses.replace(settings_for(target, agent, preset), **{**both, **(own or {})})
        for agent, own in zip(agents, (plain, ours), strict=True)
    ]
    return Contest(label, target, *of_each)


def contests() -> dict[str, list[Contest]]:
    """Return the rows of each table by its title."""
    without, with_it = {"novelty": "none"}, {"novelty": "som"}
    both = ("pqn", "free_energy")
    cnn, code = {"policy": "cnn"}, {"policy": "autoencoder"}
    return {
        "PPO with a bonus for what a map has hardly seen": [
            _contest("deep_sea, side 10", "deep_sea", {}, without, with_it),
            _contest("deep_sea, side 20", "deep_sea", {}, without, with_it, preset="deep"),
            _contest("multi_room, 4 rooms of 5x5", "multi_room", {}, without, with_it, preset="four"),
            _contest("mountain_car, an MLP", "mountain_car", {}, without, with_it, preset="curious"),
        ],
        "Q-values from the free energy of an RBM, beside PQN": [
            _contest("catch", "catch", {"total_timesteps": 120_000}, agents=both),
            _contest("frozen_lake", "frozen_lake", {"total_timesteps": 300_000, "gamma": 0.999}, agents=both),
        ],
        "PPO on the code of an autoencoder, beside a CNN": [
            _contest("snake, 500,000 steps", "snake", {"total_timesteps": 500_000}, cnn, code),
            _contest("breakout, 300,000 steps", "breakout", {"total_timesteps": 300_000}, cnn, code),
        ],
    }


def bench(quick: bool) -> list[dict[str, Any]]:
    """Measure; takes about half an hour, or five minutes if quick.

    Args:
        quick: one seed.

    Returns:
        Tables: title, columns, rows, note.
    """
    threads = set_threads(None)
    set_threads(1)
    seeds = range(1 if quick else SEEDS)
    try:
        return [_table(title, rows, seeds) for title, rows in contests().items()]
    finally:
        set_threads(threads)


def _table(title: str, rows: Sequence[Contest], seeds: Sequence[int]) -> dict[str, Any]:
    return {
        "title": title,
        "columns": ["environment", "plain", "with it", "P(better)", "seconds: plain, with it"],
        "rows": [row(contest, *measured(contest, seeds)) for contest in rows],
        "note": f"Mean return over {len(seeds)} seeds, each of {EPISODES} episodes that no training has "
        "seen, with 95 % bootstrap intervals over seeds; P(better): the probability that a run with it is "
        "better than one without, where a tie counts half; seconds of training are medians.",
    }


def measured(contest: Contest, seeds: Sequence[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Train both agents of a row with each seed.

    Returns:
        For the plain one and for ours, what `trained` says of each seed.
    """
    found: tuple[list[dict[str, Any]], list[dict[str, Any]]] = [], []
    for seed in seeds:
        for figures, settings in zip(found, (contest.plain, contest.ours), strict=True):
            figures.append(trained(contest.target, settings, seed))
        said = " and ".join(f"{each[-1]['return']:.3f} in {each[-1]['seconds']:.1f} s" for each in found)
        console(stderr=True).print(f"{contest.label}, seed {seed}: {said}", style="dim")
    return found


def row(contest: Contest, plain: Sequence[Mapping[str, Any]], ours: Sequence[Mapping[str, Any]]) -> list[str]:
    """Write a row of the table."""
    returns = [[figures["return"] for figures in each] for each in (plain, ours)]
    better = stratified_interval([returns[1], returns[0]], probability_of_improvement)
    seconds = [median(figures["seconds"] for figures in each) for each in (plain, ours)]
    return [
        contest.label,
        *(str(bootstrap_interval(each)) for each in returns),
        str(better),
        f"{seconds[0]:.1f}, {seconds[1]:.1f}",
    ]

"""The closed loop of a task's run as `sandbox evaluate` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agents.evaluate import FIRST_SEED
from agents.loops.closed_loop import the_loop_of
from agents.loops.scores import TRUE_STATE, Driven, compare
from sandbox.runs import Run
from sandbox.statistics import Interval
from sandbox.terminal import figure


def driven(
    run: Run, step: int, episodes: int | None, seed: int | None, conditions: Mapping[str, float | int]
) -> dict[str, Driven]:
    """Everybody's episodes by name, see `compare`.

    Raises:
        UserError: there is no such condition.
    """
    first = FIRST_SEED if seed is None else seed
    return compare(run, step, episodes=episodes, seed=first, conditions=conditions)


def title(run: Run, found: Mapping[str, Driven], conditions: Mapping[str, float | int]) -> str:
    """What stands above the table."""
    loop, episodes = the_loop_of(run.config["target"]), len(next(iter(found.values())).returns)
    said = ", ".join(f"{name} {value:g}" for name, value in conditions.items())
    return f"driving {loop.environment}: {episodes} unseen episodes{f', with {said}' if said else ''}"


def rows(run: Run, found: Mapping[str, Driven]) -> tuple[list[str], list[list[str]]]:
    """The head of the table and its rows: return, its share of the true state's, and what is counted."""
    counts = the_loop_of(run.config["target"]).counts
    truth = found.get(TRUE_STATE)
    head = ["who drives", ">mean return", ">of the true state's", *(f">{words}" for words in counts.values())]
    table = []
    for name, its in found.items():
        share = "" if truth is None or its is truth else _percent(its.share_of(truth))
        table.append([name, _interval(its.interval), share, *(_interval(its.count(key)) for key in counts)])
    return head, table


def record(its: Driven) -> dict[str, Any]:
    """What `--json` says of one of them."""
    counted = {name: asdict(its.count(name)) for name in its.counts}
    return {**asdict(its.interval), "episodes": len(its.returns), "counts": counted}


def _interval(found: Interval) -> str:
    return f"{figure(found.mean)} [{figure(found.low)}, {figure(found.high)}]"


def _percent(found: Interval) -> str:
    return f"{100 * found.mean:.0f} % [{100 * found.low:.0f}, {100 * found.high:.0f}]"

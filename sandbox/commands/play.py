"""Play an environment yourself, with your score beside the baseline's and an agent's."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from sandbox.options import Flag, Optional, parse
from sandbox.settings import LARGEST_SEED, setting
from sandbox.terminal import print_json


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox play`."""

    environment: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]
    """an environment's file name or a Gymnasium id"""
    record: Optional[Path] = None
    """file for what you saw and did at each step, for imitation"""
    seed: int = setting(0, "seed of the first episode; later ones count up from it", low=0, high=LARGEST_SEED)
    params: dict[str, float] = field(default_factory=dict)
    """parameters of the environment to change, such as: --params gravity 3.7"""
    against: Optional[str] = None
    """in a game of two players, who the other is: search, a run, RUN@STEP for a run at an age, or RUN+search;
    by default as the parameter `opponent` says. The keys [ and ] turn its age"""
    json: Flag = False
    """print one JSON object as the last line"""


def main(arguments: Sequence[str]) -> int:
    """Opens the window and returns when it is closed."""
    options = parse(Options, arguments, "sandbox play", __doc__ or "")
    outcome = importlib.import_module("agents.play").play(
        options.environment,
        record=options.record,
        seed=options.seed,
        params=options.params,
        against=options.against,
    )
    if options.json:
        print_json(outcome)
        return 0
    scores = outcome["scores"]
    played = f"{len(scores)} episode{'s' * (len(scores) != 1)} of {outcome['environment']}"
    best = f", best {max(scores):g}, best ever {outcome['best']:g}" if scores else " finished"
    print(played + best)
    if outcome["record"]:
        print(f"{outcome['steps']:,} steps recorded in {outcome['record']}")
    return 0

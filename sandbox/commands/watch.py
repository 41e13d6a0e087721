"""Watch an agent play in a window, or a network drive: pause, step, go back through its training."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from sandbox.errors import UserError
from sandbox.options import Optional, parse
from sandbox.settings import LARGEST_SEED, MOST_STEPS, setting
from sandbox.terminal import console

CONDITIONS = (
    "of a network that sees: amounts of fog, night, blur and noise in its pictures, and parameters of its "
    "environment, such as: --conditions fog 0.5 people 6"
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox watch`."""

    subject: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN|NAME")]
    """a run, or an environment: then its newest run, or else its hand-written player"""
    episodes: Optional[int] = setting(
        None,
        "close the window after this many episodes; by default it stays open",
        low=1,
        high=MOST_STEPS,
    )
    speed: float = setting(1.0, "speed, as a multiple of the environment's own", above=0, high=1000)
    step: Optional[int] = setting(
        None,
        "age of the agent: the checkpoint nearest to this step of its training; by default the newest",
        low=0,
        high=MOST_STEPS,
    )
    seed: int = setting(0, "seed of the first episode; later ones count up from it", low=0, high=LARGEST_SEED)
    conditions: dict[str, float] = setting({}, CONDITIONS)
    grid: int = setting(1, "episodes side by side in the window", low=1, high=64)
    player: Optional[Literal["agent", "search", "baseline", "random"]] = None
    """who plays: the agent, a tree search (led by the agent of a run), the hand-written player, or chance; by
    default the agent, if there is one"""
    against: Optional[str] = None
    """a race: who plays the same episodes beside it. A run, RUN@STEP for a run at an age, baseline, random or
    search"""
    frames: Optional[Path] = None
    """open no window: write every step of an episode to this folder as a PNG picture"""


def main(arguments: Sequence[str]) -> int:
    """Opens the window and returns when it is closed."""
    options = parse(Options, arguments, "sandbox watch", __doc__ or "")
    agents = importlib.import_module("agents.watch")
    if options.against is not None:
        return _race(agents, options, options.against)
    agents.watch(
        options.subject,
        episodes=options.episodes,
        speed=options.speed,
        step=options.step,
        seed=options.seed,
        frames=options.frames,
        grid=options.grid,
        who=options.player,
        conditions=options.conditions,
    )
    return 0


def _race(agents: Any, options: Options, against: str) -> int:
    if options.grid != 1 or options.conditions:
        raise UserError(
            "A race shows two pictures and changes nothing, so leave out --grid and --conditions."
        )
    standing = agents.watch_race(
        options.subject,
        against,
        episodes=options.episodes,
        speed=options.speed,
        step=options.step,
        seed=options.seed,
        frames=options.frames,
        who=options.player,
    )
    if standing.episodes:
        console().print(standing.tally(), markup=False, highlight=False)
        console().print(standing.verdict(), markup=False, highlight=False)
    return 0

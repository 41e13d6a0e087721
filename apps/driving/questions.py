"""What answers questions of this page's lesson besides the studio's own."""

from __future__ import annotations

from agents.loops.closed_loop import the_loop_of
from agents.loops.scores import Driven, drive, seeing
from agents.loops.seeing_player import SeeingPlayer
from apps.studio.page.run_view import RunView
from sandbox.errors import UserError

ROADS = 8
CLONED = 0.14
"""Share of a training up to which it only clones: a little less than a sixth."""


def cloned(view: RunView) -> float:
    """How many metres of 1,000 the network drives on average after cloning alone."""
    steps = [step for step in view.run.checkpoints() if step <= CLONED * view.run.checkpoints()[-1]]
    younger = view.aged(steps[-1])
    if younger is None:
        raise UserError("The checkpoint of that age is gone.")
    player = SeeingPlayer(the_loop_of(view.run.config["target"]), younger.predictor)
    return _metres(player)


def lines(view: RunView) -> float:
    """How many per cent of its drives the strongest baseline ends in an accident."""
    name, predictor = next(iter(view.baselines.items()))
    player = SeeingPlayer(the_loop_of(view.run.config["target"]), predictor, called=name)
    found = _driven(player)
    return 100 * float(((found.counts["collisions"] > 0) | (found.counts["off_road"] > 0)).mean())


def foggy(view: RunView, amount: float) -> float:
    """How many metres of 1,000 the network drives on average in fog."""
    player = SeeingPlayer(the_loop_of(view.run.config["target"]), view.predictor)
    player.spoil["fog"] = amount
    return _metres(player)


def _metres(player: SeeingPlayer) -> float:
    return float(_driven(player).counts["progress"].mean())


def _driven(player: SeeingPlayer) -> Driven:
    return drive(player.loop.world, seeing(player), episodes=ROADS, counts=player.loop.counts)

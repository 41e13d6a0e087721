"""Play an environment yourself, with your score beside the baseline's and an agent's.

Behind `sandbox play`.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.environments import find_target
from agents.viewing.episode import Episode
from agents.viewing.play_session import Game
from agents.viewing.recording import Recording
from agents.viewing.reference_scores import AgentScore, keep_best, mean_score, read_best
from agents.viewing.versus import open_versus
from agents.viewing.viewed_environment import open_world
from agents.watch import newest_run
from envs.engine.canvas.window import NoDisplayError, Window
from sandbox import trust
from sandbox.errors import UserError


def play(
    name: str,
    *,
    record: Path | None = None,
    seed: int = 0,
    params: Mapping[str, Any] | None = None,
    max_seconds: float | None = None,
    against: str | None = None,
) -> dict[str, Any]:
    """Opens a window to play in, and returns when it is closed.

    Args:
        name: an environment's file name, or any Gymnasium id with few actions.
        record: file for what was played, see `agents.viewing.recording`; None for none.
        seed: of the first episode; the others' follow.
        params: parameters that differ from their defaults; best scores are only kept with the defaults.
        max_seconds: close after so many seconds.
        against: in a game of two players who the other is, as `agents.viewing.versus.open_versus` takes it;
            None for the environment's own. No best scores are kept then.

    Returns:
        `environment`, `episodes` (finished ones), `scores` (one each), `best` (ever, or None), `steps` and
        `record` (the file's path or None).

    Raises:
        UserError: no such environment; no keys to play it with; no display; a file that cannot be written.
        BadParameter: no such parameter, or a value outside its range.
        BrokenEnvironment: the environment's file has a mistake.
    """
    trust.remember(name)
    target = find_target(name)
    world = open_world(name, params) if against is None else open_versus(name, against, params)
    episode = Episode(world, seed=seed, control="human", ops=False)
    keeps_best = not params and against is None
    recording = None if record is None else Recording(record, world)
    game = Game(episode, best=read_best(world.id) if keeps_best else None, recording=recording)
    run = newest_run(target) if keeps_best else None
    agent = None
    try:
        with Window(f"{world.name} · you play", world.size) as window:
            agent = None if run is None else AgentScore(run)
            baseline = None
            compares = episode.has_baseline and against is None
            if compares:
                baseline = mean_score(
                    Episode(name, params=params, control="baseline", ops=False), seconds=0.5
                )
            end = float("inf") if max_seconds is None else time.monotonic() + max_seconds
            while not (game.closed or window.closed) and time.monotonic() < end:
                game.others = [("baseline", baseline, "baseline")] if compares else []
                if agent is not None:
                    game.others.append(("agent", agent.poll(), "model"))
                for press in window.poll():
                    game.handle(press, window)
                game.draw(window.frame())
                game.advance(window.show(), window.held)
    except NoDisplayError:
        raise UserError(
            "There is no display to play on; in `sandbox studio` you play in the browser, on the page Arena, "
            f"and `sandbox train {target.name}` and `sandbox evaluate` need none."
        ) from None
    finally:
        if agent is not None:
            agent.close()
        if recording is not None:
            recording.close()
        episode.close()
    if keeps_best and game.scores:
        keep_best(world.id, max(game.scores))
    return {
        "environment": world.id,
        "episodes": len(game.scores),
        "scores": game.scores,
        "best": game.best,
        "steps": game.steps,
        "record": str(recording.path) if recording is not None and recording.steps else None,
    }

"""Watch an agent play in a window: pause, step, change speed, go back through its training.

Behind `sandbox watch`.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from agents.environments import Target, find_target
from agents.loops.closed_loop import the_loop_of
from agents.viewing.episode import Control, Episode
from agents.viewing.parallel_episodes import Crowd
from agents.viewing.race import Race
from agents.viewing.race_session import RaceWatcher
from agents.viewing.racer import Racer, racer_of
from agents.viewing.standing import Standing
from agents.viewing.viewed_environment import open_world
from agents.viewing.watch_session import HOLD, Watcher
from envs import names
from envs.engine.canvas.window import NoDisplayError, Window, require_display
from sandbox import trust
from sandbox.errors import UserError, did_you_mean
from sandbox.runs import Run, is_there, list_runs, runs_dir
from sandbox.runs.creation import CONFIG

MOST = 64
"""Episodes side by side in one window."""


def find_subject(run_or_name: str) -> tuple[str, Run | None]:
    """What is to be watched: the environment's name, and the run of the agent if there is one.

    Args:
        run_or_name: a run, or an environment, which stands for its newest run that has a checkpoint.

    Raises:
        UserError: neither a run nor an environment, with the nearest names; a run of a task that drives
            nothing; a corrupt run.
    """
    if is_there(Path(run_or_name) / CONFIG) or (
        run_or_name and is_there(runs_dir() / run_or_name, folder=True)
    ):
        run = Run.open(run_or_name)
        if not run.checkpoints():
            raise UserError(f"{run.name} has no checkpoint yet, so there is no agent to watch.")
        if run.config.get("kind") == "task":
            return the_loop_of(run.config["target"]).environment, run
        return run.config["target"], run
    trust.remember(run_or_name)
    try:
        target = find_target(run_or_name)
    except UserError as error:
        runs = list_runs()
        guess = did_you_mean(run_or_name, [*(run.name for run in runs), *names()])
        guess = guess or " `sandbox list` shows what there is."
        raise UserError(f"There is no run and no environment named {run_or_name!r}.{guess}") from error
    return target.name, newest_run(target)


def newest_run(target: Target) -> Run | None:
    """The newest run of an environment that has a checkpoint, or None."""
    for run in list_runs():
        if run.config["target"] in (target.name, target.id) and run.checkpoints():
            return run
    return None


def watch(
    run_or_name: str,
    *,
    episodes: int | None = None,
    speed: float = 1.0,
    step: int | None = None,
    seed: int = 0,
    max_seconds: float | None = None,
    frames: Path | None = None,
    grid: int = 1,
    who: Control | None = None,
    conditions: Mapping[str, float | int] | None = None,
) -> None:
    """Opens a window in which an agent plays, and returns when it is closed.

    Args:
        run_or_name: a run, or an environment: then its newest run, or else its hand-written player.
        episodes: close after so many; None goes on until the window is closed.
        speed: times the environment's own steps per second.
        step: training step of the checkpoint that plays, the nearest one; None for the newest.
        seed: of the first episode; the others' follow.
        max_seconds: close after so many seconds.
        frames: no window; each step is written to this folder as a PNG, one episode unless `episodes` says
            more.
        grid: episodes side by side; the panel speaks of the first of them.
        who: plays; None for the agent of a run, else the hand-written player. A search is led by the agent.
        conditions: of a network that sees: see `agents.loops.closed_loop.ClosedLoop.conditions`.

    Raises:
        UserError: nothing to watch under this name; no display; a folder that cannot be written; a `grid`
            that is not from 1 to 64.
        BrokenEnvironment: the environment's file has a mistake.
    """
    if not 1 <= grid <= MOST:
        raise UserError(f"A window shows 1 to {MOST} episodes side by side, not {grid}.")
    target, run = find_subject(run_or_name)
    params = run.config.get("settings", {}).get("params") if run else None
    spoil: dict[str, float] = {}
    if run is not None and run.config.get("kind") == "task":
        params, spoil = the_loop_of(run.config["target"]).conditions(conditions or {})
    elif conditions:
        raise UserError(f"{run.name if run else target} does not see, so --conditions change nothing.")
    episode = Episode(open_world(target, params or None), seed=seed, ops=False)
    if run is None and episode.has_baseline:
        episode.control = "baseline"
    if frames is not None:
        episodes = episodes or 1
    crowd = None
    if grid > 1:
        crowd = Crowd(
            episode,
            grid - 1,
            lambda number: Episode(open_world(target, params or None), seed=number, ops=False),
            # Far from the seeds of the watched episodes, so that no two pictures show the same.
            seed + 1_000_000,
            round(HOLD * episode.world.fps),
        )
    watcher = Watcher(episode, run, speed=speed, episodes=episodes, seed=seed, crowd=crowd, spoil=spoil)
    try:
        window = Window(
            watcher.title, episode.world.size, headless=(1280, 720) if frames else None, count=grid
        )
    except NoDisplayError:
        raise UserError(no_display(run, target)) from None
    with window:
        if run is not None:
            watcher.loading = True
            watcher.draw(window.frame())
            window.show()
            wanted = watcher.ages[-1] if step is None else step
            watcher.choose_age(min(range(len(watcher.ages)), key=lambda i: abs(watcher.ages[i] - wanted)))
        if who is not None:
            episode.control = who
            if crowd is not None:
                crowd.follow()
        if run is not None:
            watcher.loading = False
        if frames is not None:
            _write_frames(watcher, window, frames)
        else:
            _loop(watcher, window, max_seconds)
    episode.close()
    if crowd is not None:
        crowd.close()


def watch_race(
    run_or_name: str,
    against: str,
    *,
    episodes: int | None = None,
    speed: float = 1.0,
    step: int | None = None,
    seed: int = 0,
    max_seconds: float | None = None,
    frames: Path | None = None,
    who: Control | None = None,
) -> Standing:
    """Opens a window in which two play the same episodes beside each other; returns when it is closed.

    Args:
        run_or_name: a run, or an environment: then its newest run, or else its hand-written player.
        against: who plays beside it, as `agents.viewing.racer.racer_of` takes it.
        episodes: close after so many; None goes on until the window is closed.
        speed: times the environment's own steps per second.
        step: age of the first one's agent, the nearest checkpoint; None for the newest.
        seed: of the first episode; the others' follow.
        max_seconds: close after so many seconds.
        frames: no window; each step is written to this folder as a PNG, one episode unless `episodes` says
            more.
        who: plays first; None for the agent of a run, else the hand-written player.

    Returns:
        Who won how many episodes, and by how much.

    Raises:
        UserError: nothing to watch under this name, players of two environments, no display, a folder that
            cannot be written.
    """
    target, run = find_subject(run_or_name)
    second = racer_of(against)
    if second.run is not None and find_subject(str(second.run.path))[0] != target:
        raise UserError(f"{second.run.name} plays another environment than {target}, so they cannot race.")
    if who not in (None, "agent"):
        first = Racer(who)
    elif run is None:
        first = Racer("baseline")
    else:
        first = racer_of(str(run.path) if step is None else f"{run.path}@{step}")
    trained = [racer.run for racer in (first, second) if racer.run is not None]
    params = trained[0].config.get("settings", {}).get("params") if trained else None
    race = Race(target, (first, second), params or None, seed=seed)
    watcher = RaceWatcher(race, speed=speed, episodes=episodes or (1 if frames is not None else None))
    size = race.episodes[0].world.size
    try:
        window = Window(watcher.title, size, headless=(1280, 720) if frames else None, count=2)
    except NoDisplayError:
        raise UserError(
            "There is no display to open a window on; `sandbox studio` shows the race in the browser, on the "
            "page Arena, and `sandbox evaluate RUN --against WHO` measures it."
        ) from None
    with window:
        if frames is not None:
            _write_frames(watcher, window, frames)
        else:
            _loop(watcher, window, max_seconds)
    race.close()
    return race.standing


def require_window() -> None:
    """Refuse to train for an audience that could not see anything afterwards.

    Raises:
        UserError: there is no display; says what to do instead.
    """
    try:
        require_display()
    except NoDisplayError:
        raise UserError(
            "There is no display to open a window on, so leave out --watch; `sandbox studio` then shows the "
            "agent in the browser, and `sandbox evaluate RUN` measures it."
        ) from None


def no_display(run: Run | None, target: str) -> str:
    """The sentence for a machine without a screen."""
    name = run.name if run else "RUN"
    first = "" if run else f"train an agent (`sandbox train {target}`), then "
    return (
        f"There is no display to open a window on; {first}`sandbox studio` shows it in the browser, "
        f"`sandbox evaluate {name}` measures it, and `sandbox export {name} --to video` makes a video."
    )


def _loop(watcher: Watcher, window: Window, max_seconds: float | None) -> None:
    end = float("inf") if max_seconds is None else time.monotonic() + max_seconds
    while not (watcher.closed or window.closed) and time.monotonic() < end:
        for press in window.poll():
            watcher.handle(press, window)
        watcher.draw(window.frame())
        watcher.advance(window.show())


def _write_frames(watcher: Watcher, window: Window, folder: Path) -> None:
    count = 0
    try:
        while not watcher.closed:
            watcher.draw(window.frame())
            window.save(folder / f"frame-{count:05d}.png")
            count += 1
            watcher.play_one()
    except OSError as error:
        raise UserError(f"Frames cannot be written to {folder}: {error.strerror or error}.") from error

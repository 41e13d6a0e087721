import dataclasses
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pygame
import pytest

import agents.player
from agents.viewing.decision import Decision
from agents.viewing.episode import Episode
from agents.viewing.watch_session import HOLD, Watcher
from agents.watch import find_subject, watch
from envs.engine.canvas.window import Press, Window
from sandbox.errors import UserError
from sandbox.runs import Run

STEPS = [0, 1024, 4096]


class Aged:
    """Stands for the agent of one checkpoint: the youngest pushes left, the others keep the pole up."""

    def __init__(self, step: int):
        self.step = step

    @staticmethod
    def at_age(run: Run, step: int) -> "Aged":
        return Aged(step)

    def act(self, obs: np.ndarray) -> Decision:
        action = int(obs[2] + 0.5 * obs[3] + 0.1 * obs[0] + 0.2 * obs[1] > 0) if self.step else 0
        return Decision(action, np.array([0.25, 0.75])[:: 1 if action else -1], float(self.step))


@pytest.fixture
def run(monkeypatch) -> Run:
    import torch

    monkeypatch.setattr(agents.player, "Player", Aged)
    made = Run.create("cartpole", {"kind": "agent", "settings": {"params": {}}}, state="done")
    for step in STEPS:
        made.save_checkpoint(step, {"weight": torch.zeros(1)}, {"step": step})
    return made


@pytest.fixture
def window():
    with Window("test", (600, 400)) as opened:
        yield opened


@pytest.fixture
def watcher(run, monkeypatch) -> Watcher:
    monkeypatch.setattr(
        "agents.viewing.watch_session.WORK", float("inf")
    )  # steps must not depend on how busy the machine is
    made = Watcher(Episode("cartpole", ops=False), run)
    made.choose_age(2)
    return made


def press(watcher: Watcher, window: Window, key: int, text: str = "", times: int = 1) -> None:
    """Through pygame's own queue, as from a keyboard."""
    for _ in range(times):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=text, mod=0))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key))
    for one in window.poll():
        watcher.handle(one, window)


def picture(watcher: Watcher, window: Window) -> np.ndarray:
    watcher.draw(window.frame())
    window.show(rate=10_000)
    return window.frame().whole.pixels.copy()


def test_time_plays_steps_at_the_environments_rate(watcher):
    for _ in range(10):
        watcher.advance(0.1)
    assert watcher.episode.moment.step == 50


def test_space_pauses_and_goes_on(watcher, window):
    press(watcher, window, pygame.K_SPACE, " ")
    for _ in range(20):
        watcher.advance(0.1)
    assert watcher.paused and watcher.episode.moment.step == 0
    press(watcher, window, pygame.K_SPACE, " ")
    watcher.advance(0.1)
    assert not watcher.paused and watcher.episode.moment.step == 5


@pytest.mark.parametrize(("key", "text"), [(pygame.K_RIGHT, ""), (pygame.K_PERIOD, ".")])
def test_single_steps_are_exactly_one_and_pause(watcher, window, key, text):
    watcher.advance(0.1)
    before = watcher.episode.moment.step
    press(watcher, window, key, text)
    watcher.advance(0.5)
    assert watcher.paused and watcher.episode.moment.step == before + 1
    press(watcher, window, key, text, times=3)
    assert watcher.episode.moment.step == before + 4


def test_left_takes_one_step_back(watcher, window):
    watcher.advance(0.2)
    obs, step = watcher.episode.moment.obs, watcher.episode.moment.step
    press(watcher, window, pygame.K_RIGHT)
    press(watcher, window, pygame.K_LEFT)
    assert watcher.episode.moment.step == step and np.array_equal(watcher.episode.moment.obs, obs)


@pytest.mark.parametrize(
    ("key", "text", "factor"),
    [(pygame.K_UP, "", 2), (pygame.K_PLUS, "+", 2), (pygame.K_DOWN, "", 0.5), (pygame.K_MINUS, "-", 0.5)],
)
def test_faster_and_slower_change_the_steps_per_second(watcher, window, key, text, factor):
    press(watcher, window, key, text)
    for _ in range(20):
        watcher.advance(0.05)
    assert watcher.speed == factor and watcher.episode.moment.step == 50 * factor


def test_speed_has_ends(watcher, window):
    press(watcher, window, pygame.K_UP, times=20)
    assert watcher.speed == 64
    press(watcher, window, pygame.K_DOWN, times=40)
    assert watcher.speed == 1 / 16


def test_restart_plays_the_same_episode_and_n_the_next(watcher, window):
    first = watcher.episode.moment.obs
    watcher.advance(0.2)
    press(watcher, window, pygame.K_r, "r")
    moment = watcher.episode.moment
    assert (moment.step, moment.episode_return) == (0, 0.0) and np.array_equal(moment.obs, first)
    press(watcher, window, pygame.K_n, "n")
    assert watcher.episode.moment.step == 0 and watcher.episode.seed == 1
    assert not np.array_equal(watcher.episode.moment.obs, first)


def test_brackets_choose_younger_and_older_agents(watcher, window):
    assert watcher.episode.player.step == 4096
    press(watcher, window, pygame.K_LEFTBRACKET, "[")
    assert watcher.episode.player.step == 1024
    press(watcher, window, pygame.K_LEFTBRACKET, "[", times=5)
    assert watcher.episode.player.step == 0 and watcher.age == 0
    decision = watcher.episode.moment.decision
    assert decision is not None and (decision.action, decision.value) == (0, 0.0)
    watcher.advance(0.1)
    assert watcher.episode.moment.action == 0
    press(watcher, window, pygame.K_RIGHTBRACKET, "]", times=9)
    assert watcher.episode.player.step == 4096


def test_mean_return_counts_only_whole_episodes_of_the_present_agent(watcher, window):
    watcher.advance(0.1)
    press(watcher, window, pygame.K_LEFTBRACKET, "[", times=2)
    while not watcher.episode.moment.over:
        watcher.advance(0.05)
    assert watcher.returns == []
    watcher.advance(HOLD + 0.01)
    assert watcher.episode.moment.step == 0
    while not watcher.episode.moment.over:
        watcher.advance(0.05)
    assert watcher.returns == [watcher.episode.moment.episode_return]


def test_the_end_is_held_and_then_the_next_episode_begins(watcher, window):
    watcher.choose_age(0)
    while not watcher.episode.moment.over:
        watcher.advance(0.02)
    watcher.advance(HOLD / 2)
    assert watcher.episode.moment.over
    press(watcher, window, pygame.K_SPACE, " ")
    watcher.advance(HOLD * 2)
    assert watcher.episode.moment.over
    press(watcher, window, pygame.K_SPACE, " ")
    watcher.advance(HOLD * 2)
    assert not watcher.episode.moment.over and watcher.episode.seed == 1


def test_who_plays_changes_from_agent_to_baseline_to_random(watcher, window):
    controls = []
    for _ in range(3):
        press(watcher, window, pygame.K_c, "c")
        controls.append(watcher.episode.control)
    assert controls == ["baseline", "random", "agent"]


@pytest.mark.parametrize("size", [(900, 450), (500, 900)])
def test_nothing_of_the_help_stays_where_no_picture_is(watcher, size):
    window = Window("test", (600, 400), headless=size)
    usual = picture(watcher, window)
    watcher.helping = True
    assert (picture(watcher, window) != usual).any()
    watcher.helping = False
    assert np.array_equal(picture(watcher, window), usual)


def test_panel_help_and_age_change_the_picture(watcher, window):
    usual = picture(watcher, window)
    assert np.array_equal(usual, picture(watcher, window))
    press(watcher, window, pygame.K_o, "o")
    without = picture(watcher, window)
    assert not np.array_equal(usual, without) and window.frame().panel is None
    press(watcher, window, pygame.K_o, "o")
    press(watcher, window, pygame.K_QUESTION, "?")
    helped = picture(watcher, window)
    assert (helped != usual).any(axis=2).mean() > 0.05
    press(watcher, window, pygame.K_h, "h")
    assert np.array_equal(usual, picture(watcher, window))
    press(watcher, window, pygame.K_LEFTBRACKET, "[")
    assert not np.array_equal(usual, picture(watcher, window))


def test_s_saves_what_is_seen(watcher, window, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = picture(watcher, window)
    press(watcher, window, pygame.K_s, "s")
    (path,) = tmp_path.glob("cartpole-*.png")
    assert np.array_equal(pygame.surfarray.array3d(pygame.image.load(path)).transpose(1, 0, 2), seen)
    assert not np.array_equal(picture(watcher, window), seen)  # the panel says so


@pytest.mark.parametrize("size", [(1, 1), (80, 30), (300, 500), (640, 360), (2600, 900)])
def test_any_size_of_window_is_drawn(watcher, size):
    window = Window("test", (600, 400), headless=size)
    watcher.helping = True
    watcher.advance(0.3)
    watcher.draw(window.frame())
    assert window.frame().whole.pixels.any()


def test_checkpoints_saved_meanwhile_are_followed_only_from_the_newest(watcher, run):
    import torch

    run.save_checkpoint(8192, {"weight": torch.zeros(1)}, {"step": 8192})
    watcher.advance(1.1)
    assert watcher.ages[-1] == 8192 and watcher.episode.player.step == 8192
    watcher.choose_age(1)
    run.save_checkpoint(9216, {"weight": torch.zeros(1)}, {"step": 9216})
    watcher.advance(1.1)
    assert watcher.ages[-1] == 9216 and watcher.episode.player.step == 1024 == watcher.ages[watcher.age]


def test_a_vanished_checkpoint_is_told_and_the_present_agent_plays_on(watcher, window, monkeypatch):
    def gone(run, step):
        raise UserError(f"{run.name} has no checkpoint of step {step}.")

    monkeypatch.setattr(Aged, "at_age", gone)
    before = picture(watcher, window)
    press(watcher, window, pygame.K_LEFTBRACKET, "[")
    assert watcher.episode.player.step == 4096 == watcher.ages[watcher.age]
    assert not np.array_equal(picture(watcher, window), before)


@pytest.mark.parametrize("closing", ["escape", "q", "cross"])
def test_closing_ends(run, closing, monkeypatch):
    def close(window: Window) -> list[Press]:
        if closing == "cross":
            window.closed = True
            return []
        return [Press(closing, False)]

    monkeypatch.setattr(Window, "poll", close)
    watch(run.name)  # would not come back otherwise
    assert not pygame.display.get_init()


def test_episodes_and_seconds_end_it(run):
    watch(run.name, step=0, episodes=2, speed=64.0)
    watch(run.name, max_seconds=0.05)


def test_step_chooses_the_nearest_checkpoint(run, monkeypatch):
    chosen = []
    monkeypatch.setattr(Watcher, "choose_age", lambda self, index: chosen.append(self.ages[index]))
    for step in (None, 900, 0, 10**9):
        watch("cartpole", step=step, max_seconds=0.0)
    assert chosen == [4096, 1024, 0, 4096]


def test_frames_are_written_without_a_window(run, tmp_path):
    watch(run.name, step=0, frames=tmp_path / "frames")
    files = sorted((tmp_path / "frames").iterdir())
    pictures = [pygame.surfarray.array3d(pygame.image.load(path)) for path in files]
    # Pushed to the left only, the pole falls after about ten steps.
    assert 8 <= len(files) <= 12 and files[0].name == "frame-00000.png"
    assert all((before != after).any() for before, after in pairwise(pictures))
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(UserError, match="Frames cannot be written"):
        watch(run.name, step=0, frames=blocked / "frames")


def test_a_name_without_runs_is_played_by_the_baseline_or_at_random(monkeypatch):
    assert find_subject("cartpole") == ("cartpole", None)
    controls = []
    monkeypatch.setattr("agents.watch._loop", lambda watcher, *_: controls.append(watcher.episode.control))
    watch("snake")
    watch("CartPole-v1")
    assert controls == ["baseline", "random"]


def test_subjects_are_found_or_named(run):
    import torch

    assert find_subject("cartpole") == ("cartpole", run)
    assert find_subject("sandbox/CartPole-v1") == ("cartpole", run)
    assert find_subject(run.name) == ("cartpole", run)
    assert find_subject(str(run.path)) == ("cartpole", run)
    with pytest.raises(UserError, match=r"no run and no environment named 'cartpole-01'.*cartpole-001"):
        find_subject("cartpole-01")
    with pytest.raises(UserError, match="`sandbox list` shows what there is"):
        find_subject("qqqqqqqq")
    empty = Run.create("snake", {"kind": "agent"}, state="done")
    with pytest.raises(UserError, match="snake-001 has no checkpoint yet"):
        find_subject("snake-001")
    assert find_subject("snake") == ("snake", None)
    (empty.path / "config.json").write_text("{")
    with pytest.raises(UserError, match=r"config.json is corrupt"):
        find_subject("snake-001")
    task = Run.create("vision/classify", {"kind": "task"}, state="done")
    task.save_checkpoint(1, {"weight": torch.zeros(1)}, {"step": 1})
    with pytest.raises(UserError, match="only agents can be watched"):
        find_subject(task.name)


def test_parameters_of_the_run_are_those_it_is_watched_with(run, monkeypatch):
    run.update_config(settings={"params": {"gravity": 3.0}})
    gravity = []
    monkeypatch.setattr("agents.watch._loop", lambda w, *_: gravity.append(w.episode.params["gravity"]))
    watch(run.name)
    assert gravity == [3.0]


def test_a_trained_agent_is_watched_from_end_to_end(monkeypatch):
    from agents.train import settings_for, train

    run = Run.create("cartpole", {"agent": "ppo", "seed": 0}, state="done")
    settings = dataclasses.replace(
        settings_for("cartpole"), total_timesteps=2048, eval_episodes=1, final_episodes=1
    )
    run.update_config(settings=dataclasses.asdict(settings))
    for _ in train("cartpole", settings, run):
        pass
    thoughts = []
    act = agents.player.Player.act

    def noting(self, obs):
        thoughts.append(act(self, obs))
        return thoughts[-1]

    monkeypatch.setattr(agents.player.Player, "act", noting)
    watch(run.name, speed=64.0, max_seconds=0.3)
    assert len(thoughts) > 5
    assert all(thought.probabilities.sum() == pytest.approx(1, abs=1e-5) for thought in thoughts)
    assert all(np.isfinite(thought.value) for thought in thoughts)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_no_display_is_one_sentence_that_says_how_to_get_frames(runs_root: Path):
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    environment = {name: value for name, value in os.environ.items() if name not in wanted}
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.cli", "watch", "cartpole"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "no display" in done.stderr and "export RUN --to video" in done.stderr

import json
import os
import subprocess
import sys

import numpy as np
import pygame
import pytest
import torch

import envs
from agents.play import play
from agents.viewing import reference_scores
from agents.viewing.episode import Episode
from agents.viewing.play_session import REST, Game, keys_of
from agents.viewing.recording import Recording
from agents.viewing.viewed_environment import open_world
from envs.engine.canvas.window import Press, Window
from sandbox import registry
from sandbox.errors import UserError
from sandbox.runs import Run, runs_dir

UP, RIGHT, DOWN, LEFT = range(4)
STEP = 1 / 8  # seconds of Snake's step
ARROWS = {UP: pygame.K_UP, RIGHT: pygame.K_RIGHT, DOWN: pygame.K_DOWN, LEFT: pygame.K_LEFT}


@pytest.fixture
def window():
    with Window("test", (400, 400)) as opened:
        yield opened


def snake(**options) -> Game:
    return Game(Episode("snake", seed=0, control="human", ops=False), **options)


def press(game: Game, window: Window, *keys: int, text: str = "") -> None:
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=text, mod=0))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=key))
    for one in window.poll():
        game.handle(one, window)


def heading(game: Game) -> int:
    """Where the snake goes: from the cell behind the head to the head."""
    obs = game.episode.moment.obs
    row, column = np.argwhere(obs[:, :, 0])[0]
    body = obs[:, :, 1].astype(int)
    moves = {UP: (1, 0), RIGHT: (0, -1), DOWN: (-1, 0), LEFT: (0, 1)}
    ages = {h: body[(row + r) % 10, (column + c) % 10] for h, (r, c) in moves.items()}
    return max(ages, key=lambda h: ages[h])


def turn(game: Game, side: int) -> int:
    """The heading to the right (1) or left (-1) of the present one."""
    return (heading(game) + side) % 4


def lose(game: Game, window: Window) -> None:
    press(game, window, ARROWS[turn(game, 1)])
    while game.state != "over":
        game.advance(STEP, set())


def test_nothing_moves_before_a_key_and_the_key_is_the_first_action(window):
    game = snake()
    game.advance(5.0, set())
    assert game.state == "ready" and game.episode.moment.step == 0
    first = turn(game, 1)
    press(game, window, ARROWS[first])
    game.advance(STEP, set())
    assert (game.state, game.episode.moment.step, game.episode.moment.action) == ("running", 1, first)


def test_without_keys_the_snake_goes_on(window):
    game = snake()
    press(game, window, ARROWS[heading(game)])
    game.advance(2 * STEP, set())
    assert game.episode.moment.step == 2 and game.episode.moment.action == heading(game)


def test_two_quick_turns_are_both_made_one_a_step(window):
    game = snake()
    first = turn(game, 1)
    second = (first + 1) % 4
    press(game, window, ARROWS[first], ARROWS[second])
    game.advance(STEP, set())
    assert game.episode.moment.action == first
    game.advance(STEP, set())
    assert game.episode.moment.action == second


def test_at_most_two_presses_wait_and_repeats_of_the_keyboard_are_ignored(window):
    game = snake()
    first = turn(game, 1)
    for _ in range(5):
        game.handle(Press({UP: "up", RIGHT: "right", DOWN: "down", LEFT: "left"}[first], False), window)
        game.handle(Press("up", True), window)
    game.advance(STEP, set())
    assert game.episode.moment.action == first
    assert not game._waiting
    press(game, window, *ARROWS.values())
    assert len(game._waiting) == 2


def test_held_keys_count_where_pressing_nothing_is_an_action_of_its_own(window, monkeypatch):
    game = snake()
    environment = game.episode.world.environment
    assert environment is not None
    object.__setattr__(environment, "idle_action", heading(game))
    try:
        side = turn(game, 1)
        name = {UP: "up", RIGHT: "right", DOWN: "down", LEFT: "left"}[side]
        game.handle(Press(name, False), window)
        actions = []
        for held in ({name}, {name}, set()):
            game.advance(STEP, held)
            actions.append(game.episode.moment.action)
        assert actions == [side, side, environment.idle_action]
    finally:
        object.__setattr__(environment, "idle_action", None)


def test_turn_based_games_wait_for_each_key(window):
    game = Game(Episode(open_world("frozen_lake"), seed=1, ops=False, control="human"))
    assert game.speed == 1.0
    game.advance(10.0, set())
    assert game.episode.moment.step == 0
    for presses in (1, 2):
        game.handle(Press("left", False), window)
        game.advance(STEP, {"left"})
        game.advance(10.0, {"left"})
        assert game.episode.moment.step == presses
    game.handle(Press("left", True), window)  # held down, it repeats
    game.advance(STEP, {"left"})
    assert game.episode.moment.step == 3 or game.state == "over"


def test_pause_and_help_stop_the_game(window):
    game = snake()
    press(game, window, ARROWS[heading(game)])
    press(game, window, pygame.K_SPACE, text=" ")
    game.advance(1.0, set())
    assert game.state == "paused" and game.episode.moment.step == 0
    press(game, window, ARROWS[turn(game, 1)])
    assert game.state == "paused"
    press(game, window, pygame.K_SPACE, text=" ")
    game.advance(STEP, set())
    assert game.episode.moment.step == 1
    press(game, window, pygame.K_h, text="h")
    game.advance(1.0, set())
    assert game.helping and game.episode.moment.step == 1


def test_speed_keys_change_the_rate_within_their_ends(window):
    game = snake()
    press(game, window, *[pygame.K_MINUS] * 9, text="-")
    assert game.speed == 0.25
    press(game, window, ARROWS[heading(game)])
    game.advance(2 * STEP, set())
    assert game.episode.moment.step == 0
    game.advance(2 * STEP, set())
    assert game.episode.moment.step == 1
    press(game, window, *[pygame.K_PLUS] * 9, text="+")
    assert game.speed == 4


def test_what_nobody_could_play_begins_slower():
    assert snake().speed == 1.0
    assert Game(Episode("cartpole", control="human", ops=False)).speed == 0.25
    assert Game(Episode("CartPole-v1", control="human", ops=False)).speed == 1.0


def test_losing_ends_keeps_the_score_and_only_then_starts_anew(window):
    game = snake()
    lose(game, window)
    moment = game.episode.moment
    assert game.state == "over" and moment.terminated and game.scores == [moment.info["score"]]
    press(game, window, pygame.K_UP)  # still hammering the keys
    assert game.state == "over" and game.episode.moment is moment
    game.advance(REST, set())
    press(game, window, pygame.K_UP)
    assert game.state == "running" and game.episode.moment.step == 0 and game.episode.seed == 1


def test_r_begins_a_new_episode_that_waits(window):
    game = snake()
    press(game, window, ARROWS[heading(game)])
    game.advance(STEP, set())
    press(game, window, pygame.K_r, text="r")
    game.advance(1.0, set())
    assert (game.state, game.episode.moment.step, game.scores) == ("ready", 0, [])


def test_every_state_is_drawn_differently(window):
    game = snake(best=7.0, others=[("baseline", 16.0, "baseline"), ("agent", None, "model")])
    pictures = []

    def look() -> None:
        game.draw(window.frame())
        pictures.append(window.frame().whole.pixels.copy())

    look()
    press(game, window, ARROWS[heading(game)])
    look()
    press(game, window, pygame.K_SPACE, text=" ")
    look()
    press(game, window, pygame.K_SPACE, text=" ")
    lose(game, window)
    look()
    press(game, window, pygame.K_h, text="h")
    look()
    for i, first in enumerate(pictures):
        for second in pictures[:i]:
            assert (first != second).any(axis=2).mean() > 0.001


def test_a_recording_replays_to_the_same_rewards_and_observations(window, tmp_path):
    world = open_world("snake")
    episode = Episode(world, seed=5, control="human", ops=False)
    recording = Recording(tmp_path / "deep" / "played", world)
    game = Game(episode, recording=recording)
    lose(game, window)
    press(game, window, pygame.K_r, text="r")
    press(game, window, pygame.K_r, text="r")  # an episode that was never played is not recorded
    press(game, window, ARROWS[heading(game)])
    game.advance(2 * STEP, set())
    recording.close()
    with np.load(tmp_path / "deep" / "played.npz", allow_pickle=False) as file:
        data = dict(file)
    about = json.loads(str(data["about"]))
    assert (about["id"], about["params"]) == ("sandbox/Snake-v0", {"patience": 100})
    assert data["seeds"].tolist() == [5, 7] and data["lengths"].tolist()[1] == 2
    assert data["lengths"].sum() == len(data["obs"]) == len(data["actions"]) == recording.steps == game.steps
    assert data["terminated"].tolist() == [False] * (data["lengths"][0] - 1) + [True, False, False]
    at = 0
    for seed, length, last in zip(data["seeds"], data["lengths"], data["last_obs"], strict=True):
        replayed = Episode("snake", seed=int(seed), control="human", ops=False)
        for t in range(at, at + length):
            assert np.array_equal(replayed.moment.obs, data["obs"][t])
            assert replayed.step(int(data["actions"][t])).reward == data["rewards"][t]
        assert np.array_equal(replayed.moment.obs, last)
        at += length


def test_recordings_overwrite_nothing_and_say_where_they_cannot_be_written(tmp_path):
    world = open_world("snake")
    Recording(tmp_path / "a.npz", world).close()
    assert not (tmp_path / "a.npz").exists()  # nothing was played
    (tmp_path / "b.npz").write_text("mine")
    with pytest.raises(UserError, match=r"b.npz exists already"):
        Recording(tmp_path / "b.npz", world)
    assert (tmp_path / "b.npz").read_text() == "mine"
    with pytest.raises(UserError, match="Blackjack-v1 is no array"):
        Recording(tmp_path / "d.npz", open_world("Blackjack-v1"))
    with pytest.raises(UserError, match="Nothing can be recorded"):
        Recording(tmp_path / "b.npz" / "c.npz", world)


def test_keys_come_from_the_environment_or_from_its_number_of_actions():
    assert keys_of(open_world("snake")) == {"up": 0, "right": 1, "down": 2, "left": 3}
    mountain = keys_of(open_world("MountainCar-v0"))
    assert mountain == {"left": 0, "down": 1, "right": 2, "0": 0, "1": 1, "2": 2}
    with pytest.raises(UserError, match="Pendulum-v1 has no keys"):
        play("Pendulum-v1")


def test_every_key_of_every_environment_is_told_in_words():
    for entry in registry.envs():
        environment = envs.find(entry.name)
        assert all(environment.key_does(key) for key in environment.keys), entry.name


def test_best_scores_are_kept_and_survive_a_broken_file():
    assert reference_scores.read_best("x") is None
    reference_scores.keep_best("x", 3.0)
    reference_scores.keep_best("y", -2.0)
    reference_scores.keep_best("x", 1.0)
    assert (reference_scores.read_best("x"), reference_scores.read_best("y")) == (3.0, -2.0)
    (runs_dir() / "best-scores.json").write_text("{")
    assert reference_scores.read_best("x") is None
    reference_scores.keep_best("x", 4.0)
    assert reference_scores.read_best("x") == 4.0


def test_best_scores_are_no_reason_to_fail(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("SANDBOX_RUNS", str(blocked / "runs"))
    reference_scores.keep_best("x", 4.0)
    assert reference_scores.read_best("x") is None


def test_mean_score_is_the_mean_over_the_seeds_of_an_evaluation():
    episode = Episode("snake", control="baseline", ops=False)
    expected = []
    for seed in range(reference_scores.SEED, reference_scores.SEED + 3):
        *_, last = Episode("snake", control="baseline", seed=seed, ops=False)
        expected.append(float(last.info["score"]))
    assert reference_scores.mean_score(episode, 3) == pytest.approx(np.mean(expected))
    assert reference_scores.mean_score(episode, 3, seconds=0.0) is None


@pytest.fixture
def played(monkeypatch):
    """Lets `play` be played by presses from a list, one a frame, with eight steps of Snake in each frame."""
    presses: list[list[Press]] = []
    monkeypatch.setattr(Window, "poll", lambda self: presses.pop(0) if presses else [Press("escape", False)])
    monkeypatch.setattr(Window, "show", lambda self: STEP)
    return presses


def test_play_reports_and_keeps_the_best_score(played, tmp_path):
    played += [[Press("up", False)], [Press("right", False)]] + [[] for _ in range(30)]
    outcome = play("snake", record=tmp_path / "played.npz")
    assert outcome["environment"] == "sandbox/Snake-v0" and outcome["episodes"] == 1
    assert outcome["best"] == outcome["scores"][0] == reference_scores.read_best("sandbox/Snake-v0")
    assert outcome["record"] == str(tmp_path / "played.npz") and outcome["steps"] > 0
    assert json.loads(json.dumps(outcome)) == outcome
    assert play("snake", params={"patience": 50})["best"] is None  # another game


def test_play_compares_with_the_newest_agent_and_leaves_no_process(played, monkeypatch):
    seen = []

    class Slow(reference_scores.AgentScore):
        def poll(self):
            seen.append(self._process)
            return 12.5

    monkeypatch.setattr("agents.play.AgentScore", Slow)
    run = Run.create("snake", {"kind": "agent", "settings": {}}, state="done")
    run.save_checkpoint(1, {"weight": torch.zeros(1)}, {"step": 1})
    shown = []
    original = Game.draw
    monkeypatch.setattr(
        Game, "draw", lambda self, frame: (shown.append(self.others), original(self, frame))[1]
    )
    play("snake")
    assert ("agent", 12.5, "model") in shown[0] and shown[0][0][0] == "baseline" and shown[0][0][1] > 5
    assert seen[0].returncode is not None


def test_an_agents_score_comes_from_another_process(monkeypatch):
    run = Run.create("snake", {"kind": "agent"}, state="done")
    real = subprocess.Popen

    def answer(text: str, code: int) -> None:
        program = f"import sys; print({text!r}); sys.exit({code})"
        monkeypatch.setattr(
            "agents.viewing.reference_scores.subprocess.Popen",
            lambda command, **k: real([sys.executable, "-c", program], **k),
        )

    for text, code, expected in (("3.5", 0, 3.5), ("null", 0, None), ("3.5", 1, None)):
        answer(f'{{"score": {text}}}', code)
        score = reference_scores.AgentScore(run)
        score._process.wait(timeout=20)
        assert score.poll() == expected and score.poll() == expected
        score.close()


def test_closing_an_agents_score_early_ends_its_process():
    run = Run.create("snake", {"kind": "agent"}, state="done")
    score = reference_scores.AgentScore(run)
    score.close()
    assert score._process.returncode is not None
    assert score.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_no_display_is_one_sentence():
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    environment = {name: value for name, value in os.environ.items() if name not in wanted}
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.cli", "play", "snake"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "no display" in done.stderr and "Traceback" not in done.stderr

"""The rules of Breakout, one by one, then as invariants of random games."""

import numpy as np
import pytest

import envs
from envs.breakout import LEFT, RIGHT, SIZE, STAY, TOP
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv

BREAKOUT = envs.find("breakout")


@pytest.fixture
def game():
    """A game whose state a test may set."""
    env = SingleEnv(BREAKOUT)
    env.reset(seed=0)
    return env


def place_ball(game, row, column, down, right, **state):
    """Put the ball somewhere; other fields of the state as well."""
    for name, value in dict(row=row, column=column, down=down, right=right, **state).items():
        game.state[name] = value


def where(game):
    return int(game.state.row), int(game.state.column), int(game.state.down), int(game.state.right)


def test_the_ball_moves_diagonally_and_bounces_off_the_side(game):
    place_ball(game, 5, 8, 1, 1)
    game.step(STAY)
    assert where(game) == (6, 9, 1, -1)
    game.step(STAY)
    assert where(game) == (7, 8, 1, -1)


def test_the_paddle_moves_one_cell_and_stops_at_the_walls(game):
    for action, expected in ((LEFT, [3, 2, 1, 0, 0]), (RIGHT, [1, 2, 3, 4, 5, 6, 7, 8, 8])):
        for column in expected:
            place_ball(game, 5, 5, -1, 1)
            game.step(action)
            assert game.state.paddle == column


@pytest.mark.parametrize(("paddle", "right"), [(4, 1), (5, -1)])
def test_each_half_of_the_paddle_has_its_side(game, paddle, right):
    place_ball(game, 8, 4, 1, 1, paddle=paddle)  # lands in column 5
    game.step(STAY)
    assert where(game) == (7, 4 + right, -1, right)


def test_the_edge_of_the_paddle_catches_what_falls_beside_it(game):
    place_ball(game, 8, 4, 1, 1, paddle=3)
    game.step(STAY)
    assert where(game) == (7, 5, -1, 1)


def test_a_missed_ball_ends_the_episode(game):
    place_ball(game, 8, 4, 1, 1, paddle=0)
    obs, reward, terminated, _, _ = game.step(STAY)
    assert (reward, terminated) == (0.0, True)
    assert obs[9, 5, 1] == 255
    assert not obs[:, :, 2].any()


def test_a_brick_breaks_and_sends_the_ball_back(game):
    place_ball(game, 4, 4, -1, 1)
    _, reward, _, _, info = game.step(STAY)
    assert (reward, info["score"]) == (1.0, 1)
    assert where(game) == (5, 5, 1, 1)
    assert game.state.bricks.reshape(-1, SIZE)[2, 4] == 0
    assert game.state.left == 29


def test_a_brick_met_at_its_corner_turns_the_ball_around(game):
    game.state.bricks.reshape(-1, SIZE)[2, 4] = 0
    game.state.left -= 1
    place_ball(game, 4, 4, -1, 1)
    game.step(STAY)
    assert game.state.bricks.reshape(-1, SIZE)[2, 5] == 0
    assert where(game) == (5, 3, 1, -1)


def test_the_top_row_makes_the_ball_fast_until_it_is_caught(game):
    bricks = game.state.bricks.reshape(-1, SIZE)
    bricks[1:] = 0
    game.state.left = 10
    place_ball(game, TOP + 1, 4, -1, 1)
    obs, reward, _, _, _ = game.step(STAY)
    assert (reward, bool(game.state.fast)) == (1.0, True)
    assert where(game) == (3, 5, 1, 1)
    assert obs[4, 6, 2] == 255
    game.step(STAY)
    assert where(game)[:2] == (5, 7)  # two cells
    place_ball(game, 8, 4, 1, 1, paddle=4)
    obs = game.step(STAY)[0]
    assert not game.state.fast
    assert obs[6, 6, 2] == 127


def test_a_new_wall_stands_when_the_paddle_has_the_ball(game):
    game.state.bricks[:] = 0
    game.state.bricks[25] = 1
    game.state.left = 1
    place_ball(game, 4, 5, -1, 1)
    assert game.step(STAY)[1] == 1.0
    assert not game.state.bricks.any()
    place_ball(game, 8, 4, 1, 1, paddle=4)
    info = game.step(STAY)[4]
    assert (info["walls"], info["score"], game.state.bricks.sum()) == (1, 1, 30)


def test_random_games_keep_the_state_sound():
    count = 200
    batch = Batch(BREAKOUT, count)
    obs, rewards = np.zeros((count, SIZE, SIZE, 4), np.uint8), np.zeros(count)
    terminated, truncated = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    batch.seed(0)
    batch.reset(obs)
    rng, follow = np.random.default_rng(0), BREAKOUT.baseline
    assert follow is not None
    score = np.zeros(count)
    for _ in range(300):
        # Mostly where the ball goes, so that games last and walls come down.
        actions = np.array([follow(row, BREAKOUT.action_space) for row in obs])
        actions = np.where(rng.random(count) < 0.05, rng.integers(3, size=count), actions)
        batch.step(actions, obs, rewards, terminated, truncated, obs.copy())
        score = np.where(terminated, 0, score + rewards)
        states = batch.states
        np.testing.assert_array_equal(states["score"], score)
        np.testing.assert_array_equal(states["bricks"].sum(axis=1), states["left"])
        ball, bricks = obs[:, :, :, 1] > 0, obs[:, :, :, 3] > 0
        assert (ball.sum(axis=(1, 2)) == 1).all()
        assert not (ball & bricks).any()
        assert (bricks.sum(axis=(1, 2)) == states["left"]).all()
        ahead = obs[:, :, :, 2] > 0
        assert (
            ahead.sum(axis=(1, 2)) == 1
        ).all()  # each first observation has one, and no ball is lost in it


def test_a_paddle_widened_at_the_wall_stays_inside(game):
    place_ball(game, 5, 5, -1, 1, paddle=8)
    game.params["paddle_width"] = 4
    game.batch.observe(obs := np.zeros((1, SIZE, SIZE, 4), np.uint8))
    assert obs[0, 9, :, 0].tolist() == [0] * 8 + [255] * 2
    game.step(STAY)
    assert game.state.paddle == 6


def test_the_hand_written_player_beats_random(play):
    assert play(BREAKOUT, BREAKOUT.baseline, 50).returns.mean() > 10
    assert play(BREAKOUT, None, 50).returns.mean() < 3

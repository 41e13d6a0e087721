"""The rules of Dodge, and that there always is a way through."""

import numpy as np
import pytest

import envs
from envs.dodge import CRYSTAL, FREE, LEFT, RIGHT, ROCK, SIZE, STAY
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv

DODGE = envs.find("dodge")


@pytest.fixture
def game():
    """A game whose state a test may set."""
    env = SingleEnv(DODGE)
    env.reset(seed=0)
    env.state.ship = 4
    return env


def field(game):
    return game.state.field.reshape(SIZE, SIZE)


def test_the_ship_moves_while_everything_falls(game):
    field(game)[3, 7] = ROCK
    obs, reward, terminated, _, _ = game.step(LEFT)
    assert (reward, terminated) == (0.0, False)
    assert field(game)[4, 7] == ROCK
    assert obs[9, 3, 0] == 255
    assert obs[4, 7].tolist() == [0, 255, 0]


def test_the_ship_stops_at_the_sides(game):
    for action, expected in ((LEFT, [3, 2, 1, 0, 0]), (RIGHT, [1, 2, 3, 4, 5, 6, 7, 8, 9, 9])):
        for column in expected:
            field(game)[:] = FREE
            game.step(action)
            assert game.state.ship == column


@pytest.mark.parametrize(("action", "crash"), [(STAY, True), (LEFT, False)])
def test_a_rock_on_the_ship_ends_the_episode(game, action, crash):
    field(game)[8, 4] = ROCK
    _, reward, terminated, _, _ = game.step(action)
    assert (reward, terminated) == ((-1.0, True) if crash else (0.0, False))


def test_a_crystal_is_collected(game):
    field(game)[8, 5] = CRYSTAL
    obs, reward, terminated, _, info = game.step(RIGHT)
    assert (reward, terminated, info["score"]) == (1.0, False, 1)
    assert obs[9, 5].tolist() == [255, 0, 0]


def test_rows_get_denser_up_to_the_limit():
    count, shares = 400, []
    batch = Batch(DODGE, count, params={"growth": 0.1, "crystals": 0.0})
    obs = np.zeros((count, SIZE, SIZE, 3), np.uint8)
    batch.reset(obs)
    flags = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    for rows in (0, 200, 900):
        batch.states["rows"] = rows
        batch.step(np.zeros(count, int), obs, np.zeros(count), *flags, None, 2)
        shares.append(obs[:, 0, :, 1].mean() / 255)
    # One column in ten, the lane, is always free.
    assert shares == pytest.approx([0.9 * share for share in (0.25, 0.45, 0.7)], abs=0.03)


@pytest.mark.parametrize(("crystals", "share"), [(0.0, 0.0), (0.6, 0.6), (1.0, 1.0)])
def test_crystals_come_as_often_as_asked(crystals, share, step_states):
    obs = step_states(DODGE, {"ship": 0}, np.zeros(2000), crystals=crystals).obs
    assert (obs[:, 0, :, 2] > 0).any(axis=1).mean() == pytest.approx(share, abs=0.05)
    assert not ((obs[:, :, :, 1] > 0) & (obs[:, :, :, 2] > 0)).any()


def test_there_always_is_a_way_through():
    """A player who is told where the lane was drawn never crashes, however dense the field."""
    game = SingleEnv(DODGE, density=0.7)
    for seed in range(5):
        game.reset(seed=seed)
        lane = []
        for _ in range(1000):
            # The row that falls onto the ship next was drawn eight steps ago; until then the sky is empty.
            target = lane[-9] if len(lane) >= 9 else lane[0] if lane else game.state.ship
            action = STAY if target == game.state.ship else LEFT if target < game.state.ship else RIGHT
            terminated = game.step(action)[2]
            assert not terminated
            lane.append(int(game.state.lane))


def test_the_hand_written_player_beats_random(play):
    assert play(DODGE, DODGE.baseline, 50).returns.mean() > 12
    assert play(DODGE, None, 50).returns.mean() < 1

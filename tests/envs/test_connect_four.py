"""Connect four: rows of four in all directions, turns, full columns, opponents, smaller boards."""

import numpy as np
import pytest

import envs
from envs.connect_four import look_two_ahead, reply
from envs.engine.core.batch import Batch
from envs.engine.core.kernels import DISABLED
from envs.scenes.connect_four import is_free, winning_cells, wins

ENV = envs.find("connect_four")


class Game:
    """One board, stepped move by move."""

    def __init__(self, seed: int = 0, **params: int) -> None:
        self.batch = Batch(ENV, 1, params={"opponent": 0, **params})
        self.obs = np.zeros((1, 6, 7, 3), np.uint8)
        self.reward, self.over, self.cut = np.zeros(1), np.zeros(1, bool), np.zeros(1, bool)
        self.batch.seed(seed)
        self.batch.reset(self.obs)

    def play(self, *columns: int) -> list[tuple[float, bool]]:
        """Rewards and ends of some moves, columns from 1 on."""
        outcomes = []
        for column in columns:
            action = np.array([column - 1])
            self.batch.step(action, self.obs, self.reward, self.over, self.cut, None, DISABLED)
            outcomes.append((float(self.reward[0]), bool(self.over[0])))
        return outcomes

    def allowed(self) -> list[int]:
        """The columns that are not full."""
        masks = np.zeros((1, 7), bool)
        self.batch.action_masks(masks)
        return (np.flatnonzero(masks[0]) + 1).tolist()


@pytest.mark.parametrize(
    ("moves", "cells"),
    [
        ((1, 1, 2, 2, 3, 3, 4), {0, 1, 2, 3}),  # across
        ((7, 6, 7, 6, 7, 6, 7), {6, 13, 20, 27}),  # up
        ((1, 2, 2, 3, 3, 4, 3, 4, 4, 6, 4), {0, 8, 16, 24}),  # rising
        ((7, 6, 6, 5, 5, 4, 5, 4, 4, 2, 4), {6, 12, 18, 24}),  # falling
        ((1, 7, 2, 7, 4, 6, 3), {0, 1, 2, 3}),  # the last stone in the middle of the row
    ],
)
def test_four_in_a_row_win(moves, cells):
    game = Game()
    *before, last = game.play(*moves)
    assert before == [(0.0, False)] * (len(moves) - 1) and last == (1.0, True)
    assert winning_cells(game.batch.states[0]) == cells


def test_a_row_does_not_go_around_the_edge():
    assert Game().play(5, 5, 6, 6, 7, 7, 1)[-1] == (0.0, False)


def test_each_sees_the_board_from_its_own_side():
    game = Game()
    game.play(4, 4, 1)
    own, other, landing = (game.obs[0, :, :, k] for k in range(3))
    assert np.argwhere(own).tolist() == [[1, 3]] and np.argwhere(other).tolist() == [[0, 0], [0, 3]]
    assert np.argwhere(landing).tolist() == [[0, 1], [0, 2], [0, 4], [0, 5], [0, 6], [1, 0], [2, 3]]


def test_a_full_column_is_forbidden_and_loses():
    game = Game()
    game.play(*[1] * 6)
    assert game.allowed() == [2, 3, 4, 5, 6, 7]
    assert game.play(1) == [(-1.0, True)]


def test_a_small_board_can_end_in_a_draw():
    game = Game(rows=4, columns=4)
    assert game.allowed() == [1, 2, 3, 4]
    outcomes = game.play(1, 2, 1, 2, 2, 1, 2, 1, 3, 4, 3, 4, 4, 3, 4, 3)
    assert outcomes == [(0.0, False)] * 15 + [(0.0, True)]


def test_the_opponent_wins_and_blocks():
    random, seen = np.random.default_rng(0), {"wins": 0, "blocks": 0}
    params = ENV.param_values(opponent=2).view(np.recarray)[0]
    for _ in range(30):
        game = Game()
        state = game.batch.states[0]
        while not game.over[0]:
            winning, blocking = (
                [c for c in range(7) if is_free(state, c) and wins(state, c, who)]
                for who in (state.turn, 3 - state.turn)
            )
            chosen = reply(state, params)
            assert chosen + 1 in game.allowed()
            if winning or blocking:
                assert chosen in (winning or blocking)
                seen["wins" if winning else "blocks"] += 1
            game.play(int(random.choice(game.allowed())))
    assert min(seen.values()) > 10


def test_either_begins():
    begun = [int(Game(seed, opponent=1).batch.states["moves"][0]) for seed in range(40)]
    assert set(begun) == {0, 1} and 8 < sum(begun) < 32


def test_the_hand_written_player_keeps_to_the_rules_and_beats_chance():
    won = 0.0
    for seed in range(20):
        game = Game(seed, opponent=1)
        while not game.over[0]:
            action = look_two_ahead(game.obs[0], ENV.action_space) + 1
            assert action in game.allowed()
            game.play(action)
        won += game.reward[0]
    assert won >= 16

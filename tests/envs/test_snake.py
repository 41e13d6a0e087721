"""The rules of Snake, one by one, on states set by hand."""

import gymnasium as gym
import numpy as np
import pytest

import envs
from envs.engine.core.single import SingleEnv
from envs.snake import CELLS, DOWN, LEFT, RIGHT, SIZE, UP, greedy


@pytest.fixture
def snake():
    env = SingleEnv("snake")
    env.reset(seed=0)
    return env


def place(env, cells, food, heading):
    """Put a snake on the grid: `cells` are (row, column) from head to tail."""
    env.state.body[:] = 0
    for age, (row, column) in enumerate(reversed(cells), start=1):
        env.state.body[row * SIZE + column] = age
    env.state.head = cells[0][0] * SIZE + cells[0][1]
    env.state.food = food[0] * SIZE + food[1]
    env.state.heading = heading
    env.state.length = len(cells)
    env.state.hunger = 0


@pytest.mark.parametrize(
    ("action", "cell"), [(UP, (4, 5)), (RIGHT, (5, 6)), (DOWN, (6, 5)), (LEFT, (5, 6))], ids="urdl"
)
def test_moves_one_cell_and_ignores_turning_back(snake, action, cell):
    place(snake, [(5, 5), (5, 4), (5, 3)], (0, 0), RIGHT)
    obs, reward, terminated, _, info = snake.step(action)
    assert np.argwhere(obs[:, :, 0]).tolist() == [list(cell)]
    assert (reward, terminated, info["length"], info["score"]) == (0.0, False, 3, 0)
    assert np.argwhere(obs[:, :, 1]).tolist() == [[5, 4], [5, 5]]


def test_food_is_eaten_and_the_snake_grows_at_its_head(snake):
    place(snake, [(5, 5), (5, 4), (5, 3)], (5, 6), RIGHT)
    obs, reward, terminated, _, info = snake.step(RIGHT)
    assert (reward, terminated, info["length"], info["score"]) == (1.0, False, 4, 1)
    assert np.argwhere(obs[:, :, 1]).tolist() == [[5, 3], [5, 4], [5, 5]]
    food = np.argwhere(obs[:, :, 2])
    assert len(food) == 1
    assert snake.state.body[food[0][0] * SIZE + food[0][1]] == 0


@pytest.mark.parametrize(
    ("cells", "action"),
    [
        ([(0, 5), (1, 5)], UP),
        ([(5, 9), (5, 8)], RIGHT),
        ([(9, 5), (8, 5)], DOWN),
        ([(5, 0), (5, 1)], LEFT),
        ([(5, 5), (6, 5), (6, 6), (5, 6), (4, 6), (4, 5)], RIGHT),
    ],
    ids=["top", "right", "bottom", "left", "body"],
)
def test_walls_and_body_are_deadly(snake, cells, action):
    place(snake, cells, (0, 0), action)
    _, reward, terminated, _, _ = snake.step(action)
    assert (reward, terminated) == (-1.0, True)


def test_the_cell_that_the_tail_leaves_is_free(snake):
    place(snake, [(5, 5), (5, 6), (6, 6), (6, 5)], (0, 0), LEFT)
    _, reward, terminated, _, _ = snake.step(DOWN)
    assert (reward, terminated) == (0.0, False)


def test_it_starves_after_its_patience(snake):
    place(snake, [(5, 5), (5, 4)], (0, 0), RIGHT)
    snake.batch.set_params(patience=20)
    turns = [UP, LEFT, DOWN, RIGHT]
    results = [snake.step(turns[t % 4])[1:3] for t in range(20)]
    assert results[:-1] == [(0.0, False)] * 19
    assert results[-1] == (-1.0, True)


def test_patience_is_seen(snake):
    place(snake, [(5, 5), (5, 4)], (0, 0), RIGHT)
    shades = [int(snake.step([UP, LEFT, DOWN, RIGHT][t % 4])[0][0, 0, 3]) for t in range(50)]
    assert shades == [255 * (99 - t) // 100 for t in range(50)]


def test_filling_the_grid_wins(snake):
    path = [(r, c if r % 2 == 0 else SIZE - 1 - c) for r in range(SIZE) for c in range(SIZE)]
    place(snake, path[1:], path[0], LEFT)
    obs, reward, terminated, _, info = snake.step(LEFT)
    assert (reward, terminated, info["length"]) == (1.0, True, CELLS)
    assert not obs[:, :, 2].any()


def test_body_shows_when_each_cell_is_free_again(snake):
    place(snake, [(5, 5), (5, 4), (5, 3), (5, 2)], (0, 0), RIGHT)
    obs = snake.step(RIGHT)[0]
    assert [int(obs[5, c, 1]) for c in (3, 4, 5, 6)] == [57, 59, 61, 0]
    assert obs[5, 6, 0] == 255


def test_episodes_begin_all_over_the_grid():
    heads, headings = set(), set()
    env = SingleEnv("snake")
    for seed in range(400):
        env.reset(seed=seed)
        heads.add(int(env.state.head))
        headings.add(int(env.state.heading))
        assert sorted(env.state.body[env.state.body > 0]) == [1, 2, 3]
    assert len(heads) == 36
    assert headings == {UP, RIGHT, DOWN, LEFT}


def test_greedy_eats_many_times_more_than_random_play():
    env = gym.make("sandbox/Snake-v0")
    env.action_space.seed(0)
    scores = {}
    for name, act in (("random", lambda obs, space: space.sample()), ("greedy", greedy)):
        scores[name] = []
        for seed in range(20):
            obs, info = env.reset(seed=seed)
            over = False
            while not over:
                obs, _, terminated, truncated, info = env.step(act(obs, env.action_space))
                over = terminated or truncated
            scores[name].append(int(info["score"]))
    assert np.mean(scores["random"]) < 1
    assert np.mean(scores["greedy"]) > 12
    assert envs.find("snake").baseline is greedy

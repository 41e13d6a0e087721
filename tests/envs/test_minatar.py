"""The rules of MinAtar's five games, one situation at a time, as plain Python."""

import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch

GAMES = ("asterix", "breakout", "freeway", "seaquest", "space_invaders")


class Game:
    """One episode of a game, not compiled, whose state a test may set; actions by their names."""

    def __init__(self, name, **params):
        self.environment = envs.find(f"minatar_{name}")
        self.params = self.environment.param_values(**{"sticky": 0.0, **params})[0]
        self.state = np.zeros(1, self.environment.state_dtype)[0]
        self.state.rng = 12345
        self.environment.reset(self.state, self.params)

    def put(self, **values):
        for name, value in values.items():
            self.state[name] = value

    def step(self, action="stay"):
        return self.environment.step(self.state, self.environment.action_names.index(action), self.params)

    def obs(self):
        space = self.environment.observation_space
        obs = np.zeros(space.shape or (), space.dtype)
        self.environment.observe(self.state, self.params, obs)
        return obs

    def cells(self, channel):
        """Rows and columns that are lit in a channel, given by its name."""
        index = self.environment.obs_names.index(channel)
        return [tuple(int(n) for n in cell) for cell in np.argwhere(self.obs()[:, :, index])]


@pytest.mark.parametrize("name", GAMES)
def test_sticky_actions_repeat_the_one_before(name):
    for sticky in (0.0, 1.0):
        game = Game(name, sticky=sticky)
        for action in game.environment.action_names[1:]:
            before = int(game.state.played)
            game.step(action)
            assert game.environment.action_names[game.state.played] == (action if sticky == 0.0 else "stay")
            assert before == 0 or sticky == 0.0


def test_a_tenth_of_the_actions_is_sticky():
    game = Game("freeway", sticky=envs.find("minatar_freeway").params["sticky"].default)
    repeated, asked = 0, 0
    for i in range(2000):
        before, action = int(game.state.played), 1 + i % 2
        game.step(("stay", "up", "down")[action])
        asked += before != action
        repeated += before != action and game.state.played == before
    assert 0.08 < repeated / asked < 0.12


@pytest.mark.parametrize("name", GAMES)
def test_observations_are_black_or_lit(name):
    game = Game(name, sticky=0.1)
    names = game.environment.action_names
    for i in range(60):
        if game.step(names[i * 7 % len(names)])[1]:
            break
        assert set(np.unique(game.obs())) == {0, 255}


# Breakout


def ball(game):
    state = game.state
    return int(state.row), int(state.column), int(state.down), int(state.right)


def test_breakout_begins_in_a_corner_of_the_wall():
    game = Game("breakout")
    assert ball(game) in ((3, 0, 1, 1), (3, 9, 1, -1))
    assert len(game.cells("bricks")) == 30
    assert game.cells("paddle") == [(9, 4)]


def test_breakout_turns_at_a_side_wall_after_a_step_along_it():
    game = Game("breakout")
    game.put(row=5, column=9, down=1, right=1)
    game.step()
    assert ball(game) == (6, 9, 1, -1)
    assert game.cells("where it was") == [(5, 9)]
    game.put(row=0, column=4, down=-1, right=1)
    game.step()
    assert ball(game) == (0, 5, 1, 1)


def test_breakout_breaks_one_brick_and_passes_through_the_next():
    game = Game("breakout")
    game.put(row=4, column=4, down=-1, right=1)
    assert game.step() == (1.0, False)
    assert ball(game) == (4, 5, 1, 1)
    assert (3, 5) not in game.cells("bricks")
    game.put(row=4, column=6, down=-1, right=1, struck=True)
    assert game.step() == (0.0, False)
    assert ball(game) == (3, 7, -1, 1)
    assert (3, 7) in game.cells("bricks")


@pytest.mark.parametrize(("paddle", "expected"), [(4, (8, 5, -1, 1)), (5, (8, 5, -1, -1))])
def test_breakout_paddle_turns_the_ball_or_sends_it_back(paddle, expected):
    game = Game("breakout")
    game.put(row=8, column=4, down=1, right=1, paddle=paddle)
    assert game.step() == (0.0, False)
    assert ball(game) == expected


def test_breakout_ends_with_a_lost_ball_and_builds_a_new_wall_before_it_lands():
    game = Game("breakout")
    game.put(row=8, column=4, down=1, right=1, paddle=7, left=0, bricks=0)
    assert game.step("left") == (0.0, True)
    assert game.state.paddle == 6
    assert len(game.cells("bricks")) == 30
    assert game.state.walls == 1


# Asterix


def lane(game, row, kind, column, right):
    for name, value in (("kind", kind), ("at", column), ("right", right)):
        game.state[name][row - 1] = value


def test_asterix_treasure_is_worth_one_and_an_enemy_ends_it():
    game = Game("asterix")
    lane(game, 5, 2, 6, 1)
    assert game.step("right") == (1.0, False)
    assert game.cells("treasure") == []
    lane(game, 5, 1, 7, -1)
    assert game.cells("where things were") == [(5, 8)]
    assert game.step("right") == (0.0, True)


def test_asterix_moves_things_every_five_steps_and_into_the_player():
    game = Game("asterix")
    lane(game, 5, 1, 4, 1)
    lane(game, 2, 2, 0, -1)
    assert [game.step()[1] for _ in range(6)] == [False] * 5 + [True]
    assert game.cells("treasure") == []


def test_asterix_sends_something_every_ten_steps_into_a_free_row():
    game = Game("asterix", ramping=False)
    game.put(move_in=10_000)
    seen = []
    for _ in range(91):
        game.step("up")
        seen.append(int(np.count_nonzero(game.state.kind)))
    assert seen[9:] == [*[0], *[n for n in range(1, 8) for _ in range(10)], *[8] * 11]


def test_asterix_gets_harder_every_102_steps():
    game = Game("asterix")
    speeds = []
    for _ in range(408):
        game.step()
        speeds.append((int(game.state.spawn_every), int(game.state.move_every)))
    assert speeds[100:103] == [(10, 5), (9, 5), (9, 5)]
    assert speeds[202:204] == [(9, 5), (8, 4)]
    assert speeds[-1] == (6, 3)


# Freeway


def test_freeway_chicken_moves_every_third_step_and_scores_at_the_top():
    game = Game("freeway")
    game.put(at=9, move_in=10_000)
    rows = []
    for _ in range(27):
        assert game.step("up") == (0.0, False)
        rows.append(int(game.state.row))
    assert rows == [9, 9, 9, *[row for row in range(8, 0, -1) for _ in range(3)]]
    before = game.state.copy()
    assert game.step("up") == (1.0, False)
    assert game.state.row == 9
    assert (game.state.speed != before.speed).any() or (game.state.right != before.right).any()
    assert (game.state.at == before["at"]).all()


def test_freeway_car_sends_the_chicken_back():
    game = Game("freeway")
    game.put(row=3, at=9, move_in=50, right=1, speed=5)
    game.state["at"][2], game.state.move_in[2] = 3, 0
    assert game.step() == (0.0, False)
    assert game.state.row == 9
    assert game.state.hits == 1


@pytest.mark.parametrize("speed", [1, 5])
def test_freeway_car_waits_as_many_steps_as_its_channel_says_and_comes_back(speed):
    game = Game("freeway")
    game.put(at=9, right=1, speed=speed, move_in=speed)
    assert (4, 8) in game.cells(f"behind cars, {speed + 1} steps a cell")
    columns = []
    for _ in range(speed + 2):
        game.step()
        columns.append(int(game.state["at"][3]))
    assert columns == [9] * speed + [0, 0]


# Space Invaders


def army(game, *cells, **values):
    game.put(aliens=0, **values)
    for row, column in cells:
        game.state.aliens[row * 10 + column] = 1
    game.state.count = len(cells)


def test_space_invaders_march_turn_and_come_down():
    game = Game("space_invaders")
    army(game, (2, 1), (3, 4), right=-1, move_in=0, bomb_in=99)
    game.step()
    assert game.cells("aliens") == game.cells("moving left") == [(2, 0), (3, 3)]
    game.state.move_in = 0
    game.step()
    assert game.cells("aliens") == game.cells("moving right") == [(3, 0), (4, 3)]


@pytest.mark.parametrize(("aliens", "pause"), [(24, 12), (5, 5), (1, 1)])
def test_space_invaders_are_the_faster_the_fewer(aliens, pause):
    game = Game("space_invaders")
    army(game, *[(n // 8, n % 8) for n in range(aliens)], right=1, move_in=0, bomb_in=99)
    moves = []
    for _ in range(pause + 1):
        before = game.cells("aliens")
        game.step()
        moves.append(game.cells("aliens") != before)
    assert moves == [True, *[False] * (pause - 1), True]


def test_space_invaders_shot_flies_up_and_takes_an_alien():
    game = Game("space_invaders")
    army(game, (6, 5), (0, 0), move_in=99, bomb_in=99)
    assert [game.step(action)[0] for action in ("fire", "fire", "fire", "left")] == [0.0, 0.0, 1.0, 0.0]
    assert game.cells("aliens") == [(0, 0)]
    assert game.cells("shots") == []
    shots = []
    for _ in range(4):
        game.step("fire")
        shots.append(len(game.cells("shots")))
    assert shots == [0, 1, 1, 1]  # five steps after the first


def test_space_invaders_nearest_column_drops_a_bomb_that_ends_it():
    game = Game("space_invaders")
    army(game, (2, 3), (4, 3), (4, 7), move_in=99, bomb_in=0)
    game.step()
    assert game.cells("bombs") == [(4, 3)]
    game.put(column=3)
    assert [game.step()[1] for _ in range(5)] == [False] * 4 + [True]


def test_space_invaders_end_it_when_they_land():
    game = Game("space_invaders")
    army(game, (9, 9), right=1, move_in=0, bomb_in=99)
    assert game.step() == (0.0, True)


@pytest.mark.parametrize(("ramping", "expected"), [(True, 11), (False, 12)])
def test_space_invaders_next_wave_is_faster(ramping, expected):
    game = Game("space_invaders", ramping=ramping)
    army(game, (8, 5), move_in=99, bomb_in=99)
    assert game.step("fire")[0] == 1.0
    assert (game.state.count, game.state.waves, game.state.move_every) == (24, 1, expected)
    assert game.cells("aliens") == [(row, column) for row in range(4) for column in range(2, 8)]


# Seaquest


def enemy(game, row, column, right, gun=-1, wait=99):
    state = game.state
    state.enemy_row[0], state.enemy_column[0], state.enemy_right[0] = row, column, right
    state.enemy_gun[0], state.enemy_wait[0] = gun, wait


def diver(game, row, column, right):
    state = game.state
    state.diver_row[0], state.diver_column[0], state.diver_right[0] = row, column, right


def test_seaquest_torpedo_takes_a_fish():
    game = Game("seaquest")
    game.put(row=4, column=5, right=1, surfaced=False)
    enemy(game, 4, 7, -1)
    assert game.cells("where things were") == [(4, 8)]
    assert game.step("fire") == (0.0, False)
    assert game.cells("torpedoes") == [(4, 6)]
    assert game.step("fire") == (1.0, False)
    assert game.cells("fish") == game.cells("torpedoes") == []


def test_seaquest_enemies_and_bullets_end_it():
    game = Game("seaquest")
    game.put(row=4, column=5, surfaced=False)
    enemy(game, 4, 6, -1, wait=0)
    assert game.step() == (0.0, True)
    # The bullet leaves at once and is a cell ahead in the same step: at 7, 6, and 5.
    game = Game("seaquest")
    game.put(row=4, column=5, surfaced=False)
    enemy(game, 4, 8, -1, gun=0)
    assert [game.step()[1] for _ in range(3)] == [False, False, True]
    assert game.cells("submarines") == [(4, 8)]


def test_seaquest_picks_up_divers_as_long_as_there_is_room():
    for aboard, expected in ((2, 3), (6, 6)):
        game = Game("seaquest")
        game.put(row=4, column=5, surfaced=False, divers=aboard)
        diver(game, 4, 6, 1)
        game.step("right")
        assert game.state.divers == expected
        assert (game.cells("divers") == []) == (aboard < 6)
        assert game.cells("divers on board") == [(9, column) for column in range(9 - expected, 9)]


@pytest.mark.parametrize(
    ("aboard", "oxygen", "reward", "left"), [(1, 50, 0.0, 0), (5, 199, 0.0, 4), (6, 119, 5.0, 0)]
)
def test_seaquest_coming_up_with_divers(aboard, oxygen, reward, left):
    game = Game("seaquest")
    game.put(row=1, surfaced=False, divers=aboard, oxygen=oxygen)
    assert game.step("up") == (reward, False)
    assert (game.state.divers, game.state.oxygen, game.state.level) == (left, 200, 1)
    assert len(game.cells("oxygen")) == 10
    assert game.step() == (0.0, False)
    assert game.state.divers == left


def test_seaquest_coming_up_without_a_diver_ends_it_and_so_does_an_empty_tank():
    game = Game("seaquest")
    game.put(row=1, surfaced=False)
    assert game.step("up") == (0.0, True)
    game = Game("seaquest")
    game.put(spawn_in=10_000, diver_in=10_000)
    ends = [game.step("down" if i == 0 else "stay")[1] for i in range(201)]
    assert ends == [False] * 200 + [True]


def test_seaquest_gets_harder_with_each_time_up():
    game = Game("seaquest")
    speeds = []
    for _ in range(21):
        game.put(row=1, surfaced=False, divers=2)
        game.step("up")
        speeds.append((int(game.state.spawn_every), int(game.state.pause)))
    assert speeds[:3] == [(19, 5), (18, 4), (17, 4)]
    assert speeds[5] == (14, 2)
    assert speeds[-1] == (1, 2)


def test_seaquest_enemies_come_every_twenty_steps_and_never_against_each_other():
    game = Game("seaquest", ramping=False)
    for step in range(1, 500):
        count = np.count_nonzero(game.state.enemy_right)
        game.step()
        new = np.count_nonzero(game.state.enemy_right) > count
        assert not new or step % 20 == 1
        there = game.state.enemy_right != 0
        ways = {}
        for row, right in zip(game.state.enemy_row[there], game.state.enemy_right[there], strict=True):
            assert ways.setdefault(int(row), int(right)) == right
    assert np.count_nonzero(game.state.enemy_right) > 1


@pytest.mark.thorough
def test_random_play_of_breakout_gets_what_minatar_publishes():
    # Six actions there, three of them without effect; 0.5 over 1,000 episodes, standard error 0.023.
    environment, count = envs.find("minatar_breakout"), 4000
    batch = Batch(environment, count)
    obs = np.zeros((count, 10, 10, 4), np.uint8)
    rewards, (terminated, truncated) = np.zeros(count), np.zeros((2, count), np.bool_)
    rng, returns, playing = np.random.default_rng(0), np.zeros(count), np.ones(count, np.bool_)
    batch.seed(0)
    batch.reset(obs)
    while playing.any():
        actions = np.array([0, 1, 0, 2, 0, 0])[rng.integers(6, size=count)]
        batch.step(actions, obs, rewards, terminated, truncated, obs.copy())
        returns += rewards * playing
        playing &= ~(terminated | truncated)
    assert abs(returns.mean() - 0.5) < 0.08

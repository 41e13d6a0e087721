"""The rules of the help desk, its books, and how much knowing the desks is worth."""

import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.kernels import DISABLED
from envs.engine.core.single import SingleEnv
from envs.help_desk import ANSWER, BILL, DESKS, EASY, FAULT, KINDS, PARCEL, QUEUE, WORK, skill

HELP_DESK = envs.find("help_desk")


@pytest.fixture
def desk():
    """A help desk whose state a test may set."""
    env = SingleEnv(HELP_DESK)
    env.reset(seed=0)
    return env


def fill(desk, queue, kinds, due=1e9, work=1e9):
    """Put requests in a queue; by default ones that nobody ever finishes."""
    first = queue * QUEUE
    desk.state.length[queue] = len(kinds)
    desk.state.kinds[first : first + len(kinds)] = kinds
    desk.state.due[first : first + len(kinds)] = due
    desk.state.work[queue] = work


def test_each_desk_is_good_at_one_thing_but_the_first():
    table = [[skill(desk, kind) for kind in range(KINDS)] for desk in range(DESKS)]
    assert table == [[0.7] * 3, [1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]]


@pytest.mark.parametrize(("minutes", "reward"), [(100, 1.0), (-100, -1.0)])
def test_a_promise_is_kept_or_broken(desk, minutes, reward):
    fill(desk, 1, [BILL], due=desk.state.minute + minutes, work=0.5)
    fill(desk, 2, [FAULT])
    _, got, _, _, info = desk.step(2)
    assert got == reward
    assert (info["in_time"], info["late"], info["lost"]) == ((1, 0, 0) if reward > 0 else (0, 1, 0))


def test_the_next_in_the_queue_moves_up(desk):
    fill(desk, 3, [PARCEL, BILL, FAULT], work=0.5)
    fill(desk, 0, [BILL])
    desk.params["arrivals"] = 1.0
    desk.step(0)
    assert desk.state.kinds[3 * QUEUE : 3 * QUEUE + 2].tolist() == [BILL, FAULT]
    # New work for a bill: 4 minutes times 0.5 to 1.5, less the minutes that passed at a skill of 0.5.
    assert 0 < desk.state.work[3] <= 1.5 * WORK[BILL]


def test_a_full_queue_loses_the_request(desk):
    fill(desk, 1, [BILL] * QUEUE)
    _, reward, _, _, info = desk.step(1)
    assert (reward, info["lost"], desk.state.length[1]) == (-2.0, 1, QUEUE)


def test_a_desk_works_as_fast_as_its_skill(desk):
    fill(desk, 0, [FAULT], work=100.0)
    fill(desk, 2, [FAULT], work=100.0)
    fill(desk, 3, [FAULT], work=100.0)
    before = float(desk.state.minute)
    desk.step(1)
    minutes = desk.state.minute - before
    assert (100 - desk.state.work[[0, 2, 3]]).tolist() == pytest.approx(
        [0.7 * minutes, minutes, 0.5 * minutes]
    )


def test_the_standard_answer_works_as_often_as_it_should(step_states):
    for kind in range(KINDS):
        result = step_states(HELP_DESK, {"kind": kind, "annoyed": False}, [ANSWER] * 3000, standard=0.8)
        assert result.rewards.mean() == pytest.approx(0.8 * EASY[kind], abs=0.04)
        failed = result.rewards == 0
        np.testing.assert_array_equal(result.states["annoyed"], failed)
        # Who got no answer is back at once, and has waited.
        assert (result.states["kind"][failed] == kind).all()
        assert set(result.states["promise"][failed]) == {9.0, 27.0}
        assert (result.obs[failed, 4] == 1).all()


def test_nobody_is_fobbed_off_twice(step_states):
    result = step_states(HELP_DESK, {"annoyed": True}, [ANSWER] * 500, standard=1.0)
    assert not result.rewards.any()


def test_requests_come_as_often_as_asked():
    env = SingleEnv(HELP_DESK, arrivals=0.2)
    env.reset(seed=0)
    start = float(env.state.minute)
    for i in range(2000):
        env.step(i % DESKS)
    assert 2000 / (env.state.minute - start) == pytest.approx(0.2, rel=0.15)


def test_the_books_balance():
    count, steps = 100, 300
    batch = Batch(HELP_DESK, count, params={"arrivals": 0.5})
    obs, rewards = np.zeros((count, 19), np.float32), np.zeros(count)
    flags = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    batch.seed(0)
    batch.reset(obs)
    rng = np.random.default_rng(0)
    closed, total = np.zeros(count), np.zeros(count)
    for _ in range(steps):
        actions = rng.integers(DESKS + 1, size=count)
        batch.step(actions, obs, rewards, *flags, None, DISABLED)
        states = batch.states
        closed += ~((actions == ANSWER) & states["annoyed"])
        total += rewards
        expected = states["in_time"] + states["late"] + states["lost"] + states["length"].sum(axis=1)
        np.testing.assert_array_equal(closed, expected)
        np.testing.assert_array_equal(total, states["in_time"] - states["late"] - 2 * states["lost"])
        assert HELP_DESK.observation_space.contains(obs[0])
    # The expected work is kept up with each arrival and departure; here it is added up anew.
    for state in batch.states:
        for desk in range(DESKS):
            kinds = state["kinds"][desk * QUEUE : desk * QUEUE + state["length"][desk]]
            minutes = sum(WORK[kind] / skill(desk, kind) for kind in kinds)
            assert state["backlog"][desk] == pytest.approx(minutes, abs=1e-6)


def soonest(obs, space):
    """To the desk that will be done soonest."""
    kind = int(np.argmax(obs[:KINDS]))
    return int(np.argmin([30 * obs[6 + 3 * desk] + WORK[kind] / skill(desk, kind) for desk in range(DESKS)]))


def test_the_shortest_queue_beats_random_and_skills_beat_the_shortest_queue(play):
    rule = play(HELP_DESK, HELP_DESK.baseline, 50)
    assert rule.returns.mean() > play(HELP_DESK, None, 50).returns.mean() + 20
    assert play(HELP_DESK, soonest, 50).returns.mean() > rule.returns.mean() + 40
    assert (rule.returns == rule.info["in_time"] - rule.info["late"] - 2 * rule.info["lost"]).all()

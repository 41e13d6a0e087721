"""Splitting a batch between threads: what is split, that nothing is lost, and that errors come through."""

import copy
import os
import threading

import numpy as np
import pytest

import envs
from envs.engine.core import threads
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.core.threads import SMALLEST, TRIALS, Split, default_threads
from envs.engine.errors import BadAction, BadArray, BrokenEnvironment

SNAKE = envs.find("snake")


def split_batch(environment, num_envs, num_threads):
    """A batch that is split at once, whether that pays or not, and its arrays."""
    batch = Batch(environment, num_envs, max_episode_steps=20, num_threads=1)
    batch._step = Split(batch._step, num_envs, num_threads, worth=0.0)
    batch.seed(0)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    return batch, arrays


def test_every_environment_is_in_one_range():
    for num_envs, num_threads in ((10, 3), (7, 7), (512, 5)):
        ranges = Split(lambda *_: 0, num_envs, num_threads, worth=0.0).ranges
        assert [i for start, stop in ranges for i in range(start, stop)] == list(range(num_envs))
        assert len(ranges) == num_threads


def test_counts_add_up_and_all_threads_work():
    seen = {}

    def kernel(start, stop):
        seen[start] = threading.current_thread()
        barrier.wait(10)
        return stop - start

    barrier = threading.Barrier(3)
    assert Split(kernel, 100, 3, worth=0.0)(0, 100) == 100
    assert len(set(seen.values())) == 3


def test_what_takes_long_is_split_and_what_does_not_is_not(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(threads.time, "perf_counter", lambda: clock[0])
    durations = {"short": 1.9, "long": 2.1, "very long": 50.0}
    for name, count in (("short", 1), ("long", 2), ("very long", 4)):

        def kernel(start, stop, seconds=durations[name]):
            clock[0] += seconds
            return stop - start

        split = Split(kernel, 1000, 4, worth=1.0)
        for _ in range(TRIALS):
            assert len(split.ranges) == 1
            assert split(0, 1000) == 1000
        assert len(split.ranges) == count, name
        assert split(0, 1000) == 1000


def test_batches_play_and_count_the_same_in_threads():
    alone = Batch(SNAKE, 600, max_episode_steps=20, num_threads=1)
    alone.seed(0)
    arrays = Arrays(alone)
    alone.reset(arrays.obs)
    batch, others = split_batch(SNAKE, 600, 3)
    rng = np.random.default_rng(0)
    for _ in range(40):
        actions = rng.integers(0, 4, 600)
        steps = [(b.step(actions, **vars(a)), vars(a)) for b, a in ((alone, arrays), (batch, others))]
        assert steps[0][0] == steps[1][0]
        for name in steps[0][1]:
            np.testing.assert_array_equal(steps[0][1][name], steps[1][1][name])
    assert (alone.states == batch.states).all()


@pytest.mark.parametrize("place", [0, 599])
def test_nothing_is_done_when_one_thread_refuses(place):
    batch, arrays = split_batch(SNAKE, 600, 3)
    before = batch.snapshot()
    actions = np.zeros(600, np.int64)
    actions[place] = 4
    with pytest.raises(BadAction, match=f"Action 4 of environment {place}"):
        batch.step(actions, **vars(arrays))
    assert batch.snapshot() == before
    with pytest.raises(BadArray, match=r"truncated must have shape \(600,\), not \(590,\)"):
        batch.step(np.zeros(600, np.int64), **{**vars(arrays), "truncated": np.zeros(590, np.bool_)})
    assert batch.snapshot() == before


def test_an_exception_in_any_thread_is_told(write_environment):
    rules = "if state.count > 1 and state.cells[0] == 7:\n    raise ValueError('too far')\n"
    path = write_environment("RaisesInThreads", step=rules + "state.count += 1\nreturn 0.0, False")
    batch, arrays = split_batch(envs.find(path), 6, 3)
    batch.states["cells"][5, 0] = 7
    with pytest.raises(BrokenEnvironment, match=r"in step: ValueError: too far"):
        for _ in range(5):
            batch.step(np.zeros(6, np.int64), **vars(arrays))


def test_small_batches_and_uncompiled_ones_are_never_split():
    assert not isinstance(Batch(SNAKE, SMALLEST - 1, num_threads=4)._step, Split)
    assert not isinstance(Batch(SNAKE, SMALLEST, num_threads=1)._step, Split)
    assert not isinstance(Batch(SNAKE, SMALLEST, num_threads=4, backend="python")._step, Split)
    batch = Batch(SNAKE, SMALLEST, num_threads=4)
    assert isinstance(batch._step, Split)
    assert isinstance(copy.deepcopy(batch)._step, Split)
    with pytest.raises(BadArray, match="at least one thread, not 0"):
        Batch(SNAKE, 2, num_threads=0)


def test_the_number_of_threads_comes_from_the_usual_variable(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert default_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert 1 <= default_threads() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_works_in_a_forked_process():
    split = Split(lambda start, stop: stop - start, 30, 3, worth=0.0)
    assert split(0, 30) == 30
    child = os.fork()
    if child == 0:
        os._exit(0 if split(0, 30) == 30 else 1)
    assert os.waitpid(child, 0)[1] == 0

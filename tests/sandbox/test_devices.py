import random

import numpy as np
import pytest
import torch

from sandbox.devices import (
    describe,
    pick_device,
    random_states,
    restore_random_states,
    seed_everything,
    set_threads,
)
from sandbox.errors import UserError


def draws():
    return random.random(), random.gauss(0, 1), np.random.normal(), torch.rand(2).tolist()


def test_seeds_decide_all_draws():
    seed_everything(5)
    first = draws()
    seed_everything(5)
    assert draws() == first
    seed_everything(6)
    assert draws() != first


def test_random_states_come_back():
    seed_everything(0)
    draws()  # leaves half of a pair of normal draws cached in Python and numpy
    states = random_states()
    first = draws()
    restore_random_states(states)
    assert draws() == first


def test_auto_is_what_is_there():
    device = pick_device()
    assert device.type == ("cuda" if torch.cuda.is_available() else device.type)
    assert pick_device("cpu") == torch.device("cpu")
    assert describe(torch.device("cpu"))["threads"] == torch.get_num_threads()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cpuu", "Did you mean cpu"),
        ("tpu", "There is no device 'tpu'"),
        ("cpu:7", "counted from 0"),
        ("cpu:x", "no device"),
    ],
)
def test_devices_that_are_not_there_are_a_sentence(name, words):
    with pytest.raises(UserError, match=words):
        pick_device(name)


def test_threads():
    before = torch.get_num_threads()
    assert set_threads(2) == torch.get_num_threads() == 2
    assert set_threads(None) == 2
    for count in (0, -1, 257, 100_000, 10**30):
        with pytest.raises(UserError, match="threads must be from 1 to 256, not"):
            set_threads(count)
    set_threads(before)

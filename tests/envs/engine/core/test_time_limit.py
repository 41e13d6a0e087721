"""Plain Python that takes too long is ended; what follows it runs as ever."""

import subprocess
import sys
import threading

import pytest

from envs.engine.core import time_limit
from envs.engine.core.time_limit import TooSlow, at_most

TRACED_AFTERWARDS = """
import sys
from envs.engine.core.time_limit import at_most

with at_most(60.0):
    pass

seen = []
sys.settrace(lambda frame, event, value: seen.append(frame.f_code.co_name))
def traced(): ...
traced()
sys.settrace(None)
print(seen)
"""


def test_a_loop_is_ended():
    with pytest.raises(TooSlow), at_most(0.1):
        while True:
            pass


def test_what_ends_in_time_is_left_alone():
    with at_most(60.0):
        done = sum(range(1000))
    assert done == 499_500


def test_functions_can_be_traced_afterwards():
    # In a process of its own: where this fails, it hangs, and no signal ends it.
    done = subprocess.run(
        [sys.executable, "-c", TRACED_AFTERWARDS], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "['traced']"


def test_what_comes_too_late_ends_nothing():
    here = threading.get_ident()
    threading.Timer(0.05, lambda: time_limit._raise_in(here, TooSlow)).start()
    time_limit._wait_for_what_came_too_late()

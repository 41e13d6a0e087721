"""What every test shares: no window, no sound, one torch thread, run folders that vanish."""

import contextlib
import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# One cache of compiled environments for all tests and their processes, apart from the user's own.
os.environ.setdefault("SANDBOX_CACHE", str(Path(__file__).resolve().parents[1] / "build" / "cache"))
# Orders of jobs and files that were named, likewise: not among the user's own.
os.environ.setdefault("SANDBOX_STATE", str(Path(__file__).resolve().parents[1] / "build" / "state"))

# What one process has compiled of these files is there for the other two and for all that they start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Nothing is garbage while everything is imported; see `pytest_collection_finish`.
gc.disable()

import jaxtyping  # noqa: E402
import pytest  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--kills 200`: moments at which the slow test of resuming kills trainings."""
    parser.addoption("--kills", type=int, default=20, help="trainings that tests/test_kill_nine.py kills")


def pytest_xdist_auto_num_workers() -> int:
    """Two workers more than processors: browser journeys and tests of jobs wait more than they compute."""
    return (os.cpu_count() or 1) + 2


ENVIRONMENTS = (
    "cartpole",
    "pendulum",
    "snake",
    "maze",
    "lander",
    "help_desk",
    "frozen_lake",
    "autoencode",
)
"""What `quick("environments")` keeps of a test of every environment: one of each kind. Each takes seconds to
compile; `make thorough` has all."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cases that are not quick are thorough. The browser's journeys first: one worker has them all."""
    for item in items:
        quick = item.get_closest_marker("quick")
        case = getattr(item, "callspec", None)
        if quick and case:
            patterns = [
                name for one in quick.args for name in (ENVIRONMENTS if one == "environments" else (one,))
            ]
            if not any(fnmatchcase(case.id, pattern) for pattern in patterns):
                item.add_marker("thorough")
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_collection_finish() -> None:
    """What was imported has come to stay: looking through it for garbage takes a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.enable()


REAL_DATA = Path(
    os.environ.get("SANDBOX_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)
"""Public data sets that are too large for this repository."""


@pytest.fixture
def real_data() -> Callable[[str], Path]:
    """The folder of a public data set by its name; a test that needs one is skipped where there is none."""

    def folder(name: str) -> Path:
        if not (REAL_DATA / name).is_dir():
            pytest.skip(f"the data set {name} is not there; SANDBOX_TEST_DATA names the folder of such sets")
        return REAL_DATA / name

    return folder


CHECKED_CALLS = 5_000
"""Calls of each test whose types are checked; a training repeats the same ones thousands of times."""


class FirstCalls(type(jaxtyping.config)):
    """Jaxtyping's switch, which turns itself off: checking takes up to a third of the time of a training."""

    calls = 0

    @property
    def jaxtyping_disable(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Asked at every call of a function with types."""
        self.calls += 1
        return self.calls > CHECKED_CALLS


jaxtyping.config.__class__ = FirstCalls


def pytest_runtest_setup() -> None:
    """Each test begins to count anew, as does each fixture of a file with the test that asks for it first."""
    jaxtyping.config.calls = 0  # pyright: ignore[reportAttributeAccessIssue]


@pytest.fixture(scope="session", autouse=True)
def short_play():
    """Trainings play rules for a moment before they trust them; `check` plays each environment for longer."""
    from envs.engine.checks import long_play

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_play, "FIRST_SECONDS", 0.3)
        yield


@pytest.fixture(autouse=True)
def runs_root(tmp_path, monkeypatch):
    """An empty folder of runs for each test, also for the processes it starts."""
    root = tmp_path / "runs"
    monkeypatch.setenv("SANDBOX_RUNS", str(root))
    return root


@pytest.fixture
def second_process(monkeypatch):
    """Call with a program and a number of trainings: this process is the first of two that torchrun starts.

    The program is the second one; it is given a port for each training, and more words, and must end well.
    Yields what to call before each training.
    """

    @contextlib.contextmanager
    def second(program, *words, trainings):
        ports = []
        for _ in range(trainings):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                ports.append(str(free.getsockname()[1]))
        with monkeypatch.context() as patch:
            for name, value in {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "RANK": "0"}.items():
                patch.setenv(name, value)
            command = [sys.executable, program, *ports, *words]
            with subprocess.Popen(
                command, env={**os.environ, "RANK": "1"}, stderr=subprocess.PIPE, text=True
            ) as process:
                try:
                    yield lambda: patch.setenv("MASTER_PORT", ports.pop(0))
                    _, complaints = process.communicate(timeout=60)
                    assert process.returncode == 0, complaints
                finally:
                    process.kill()

    return second

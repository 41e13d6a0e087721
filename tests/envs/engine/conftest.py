"""Environment files written by tests, whose compiled kernels vanish; the others are compiled once for all."""

import textwrap

import gymnasium
import pytest

import envs

TEMPLATE = '''
"""A counter, for tests."""
import numpy as np
from gymnasium import spaces
from envs.engine.environment import Environment, Param
{imports}

STATE = np.dtype([("count", "f8"), ("cells", "u1", (4,))])
PARAMS = {{"gain": Param(1.0, low=0.0, high=10.0), "repeats": Param(2, low=1, high=9), "loud": Param(False)}}


def reset(state, params):
{reset}


def step(state, action, params):
{step}


def observe(state, params, obs):
{observe}


def draw(state, params, canvas):
{draw}


ENV = Environment(
    id="test/{name}-v0", state=STATE, params=PARAMS, reset=reset, step=step, observe=observe, draw=draw,
    observation_space={space}, action_space={actions}, max_episode_steps=20, info=("count",), {more}
)
'''


@pytest.fixture
def kernel_cache(tmp_path, monkeypatch):
    """A folder of compiled kernels for this test alone."""
    folder = tmp_path / "kernels"
    monkeypatch.setenv("SANDBOX_CACHE", str(folder))
    return folder


@pytest.fixture
def write_environment(tmp_path, kernel_cache):
    """Writes an environment file with some of its parts replaced; returns its path."""
    names = set()

    def write(
        name,
        imports="",
        reset="state.count = 0.0",
        step="state.count += params.gain * action\nreturn float(action), state.count >= 8",
        observe="obs[0] = state.count",
        draw='canvas.background("#ffffff")',
        space="spaces.Box(-100.0, 100.0, (1,), np.float32)",
        actions="spaces.Discrete(3)",
        more="",
    ):
        bodies = {"reset": reset, "step": step, "observe": observe, "draw": draw}
        indented = {key: textwrap.indent(textwrap.dedent(body), "    ") for key, body in bodies.items()}
        path = tmp_path / f"{name}.py"
        parts = {"imports": imports, "space": space, "actions": actions, "more": more, **indented}
        path.write_text(TEMPLATE.format(name=name, **parts).lstrip())
        names.add(name)
        return str(path)

    yield write
    for name in names:
        envs._files.pop(str(tmp_path / f"{name}.py"), None)
        gymnasium.registry.pop(f"test/{name}-v0", None)

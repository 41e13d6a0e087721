"""An environment that goes wrong in training: a sentence with file, function and line, never a crash."""

import dataclasses

import gymnasium
import numpy as np
import pytest

import envs
from agents.evaluate import evaluate_policy
from agents.settings import settings_for
from agents.train import train
from agents.training import environment_faults, prepare
from envs.engine.checks import long_play
from envs.engine.errors import BrokenEnvironment
from sandbox import cli
from sandbox.runs import Run, list_runs

pytestmark = pytest.mark.thorough

TEMPLATE = '''
"""A counter that goes wrong, for tests."""
import numpy as np
from gymnasium import spaces
from envs.engine.environment import Environment

STATE = np.dtype([("count", "f8"), ("cells", "u1", (4,))])


def reset(state, params):
    state.count = 0.0


def step(state, action, params):
    state.count += 1
    reward = 0.0
    if state.count == 400:
        {fault}
    return reward, False


def observe(state, params, obs):
    obs[0] = state.count / 500
    if state.count == 400:
        {blind}


def draw(state, params, canvas):
    canvas.background("#ffffff")


ENV = Environment(
    id="test/{name}-v0", state=STATE, params={{}}, reset=reset, step=step, observe=observe, draw=draw,
    observation_space=spaces.Box(-9.0, 9.0, (1,), np.float32), action_space=spaces.Discrete(2),
    max_episode_steps=500,
)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of environments and their kernels: what several tests write alike is compiled once."""
    folder = tmp_path_factory.mktemp("environments")
    yield folder
    for path in folder.glob("*.py"):
        envs._files.pop(str(path), None)
        gymnasium.registry.pop(f"test/{path.stem}-v0", None)


@pytest.fixture
def write(folder, monkeypatch):
    """Writes an environment that goes wrong in step 400 of an episode; returns its path."""
    monkeypatch.setenv("SANDBOX_CACHE", str(folder / "kernels"))
    # A busy machine finds the fault as well, only later; nothing is searched for where there is none.
    monkeypatch.setattr(long_play, "SEARCH_SECONDS", 60.0)
    monkeypatch.setattr(long_play, "FIRST_SECONDS", 60.0)

    def environment(name, fault="pass", blind="pass"):
        path, text = folder / f"{name}.py", TEMPLATE.format(name=name, fault=fault, blind=blind).lstrip()
        if not path.exists():
            path.write_text(text)
        assert path.read_text() == text
        return str(path)

    return environment


def trained(path, agent="ppo"):
    """Train shortly on an environment."""
    settings = settings_for(path, agent)
    small = {
        "total_timesteps": 4000,
        "num_envs": 4,
        "eval_episodes": 2,
        "final_episodes": 2,
        "eval_every": 10**9,
    }
    known = {name: value for name, value in small.items() if hasattr(settings, name)}
    run = Run.create(path, {"agent": agent, "seed": 0, "device": "cpu"})
    for _ in train(path, dataclasses.replace(settings, **known), run):
        pass


UNTRUSTED = {
    "write": (
        "state.cells[int(state.count) * 10**6] = 1",
        "line 17, in step: IndexError: index 400000000 is",
    ),
    "division": (
        "reward = 1.0 / (state.count - 400)",
        "line 17, in step: FloatingPointError: divide by zero",
    ),
    "infinity": ("reward = np.inf", "line 18, in step: the reward is inf in step 400 of an episode"),
}


@pytest.mark.quick("write")
@pytest.mark.parametrize("what", UNTRUSTED)
def test_rules_are_played_before_they_are_trusted(write, capsys, what):
    fault, sentence = UNTRUSTED[what]
    path = write("Untrusted" + what, fault)
    assert cli.main(["train", path, "--total-timesteps", "4000"]) == 2
    told = capsys.readouterr().err.strip()
    assert told.startswith(f"{path}, line 1")
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError(told)
    assert "\n" not in told
    assert list_runs() == [], "nothing was trained"


LATE = {
    "reward": ({"fault": "reward = np.nan"}, "line 18, in step: the reward is nan in step 400"),
    "state": ({"fault": "state.count = np.nan"}, "line 17, in step: .*in step 400 of an episode"),
    "observation": ({"blind": "obs[0] = np.inf"}, "line 24, in observe: the observation .*inf.* in step 400"),
}


@pytest.mark.quick("reward-ppo", "observation-dqn")
@pytest.mark.parametrize("agent", ["ppo", "a2c", "dqn"])
@pytest.mark.parametrize("what", LATE)
def test_what_is_not_finite_is_named_while_training(write, monkeypatch, agent, what):
    monkeypatch.setattr(prepare, "play_before_use", lambda *_: None)
    parts, sentence = LATE[what]
    path = write("Late" + what, **parts)
    with pytest.raises(BrokenEnvironment, match=sentence) as caught:
        trained(path, agent)
    assert caught.value.file == path


def test_ppo_repeats_its_rollout_instead_of_searching(write, monkeypatch):
    monkeypatch.setattr(prepare, "play_before_use", lambda *_: None)
    monkeypatch.setattr(environment_faults, "search", lambda *_, **__: pytest.fail("it searches"))
    with pytest.raises(BrokenEnvironment, match="line 18, in step: the reward is nan in step 400"):
        trained(write("Latereward", "reward = np.nan"))


def test_an_evaluation_says_where_a_return_comes_from(write):
    path = write("Evaluated", "reward = -np.inf")
    with pytest.raises(BrokenEnvironment, match="line 18, in step: the reward is -inf in step 400"):
        evaluate_policy(path, lambda obs: np.zeros(len(obs), np.int64), episodes=2)

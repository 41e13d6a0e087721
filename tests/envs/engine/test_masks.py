"""Action masks: what an environment forbids reaches batches, Gymnasium's environments and the checks."""

import copy
import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import envs
from envs.engine.checks import rule_checks
from envs.engine.checks.long_play import play_long
from envs.engine.core.batch import Batch
from envs.engine.core.trial_run import rules_run_as_python
from envs.engine.errors import BadArray, BrokenEnvironment, CheckFailed, ResetNeeded

# The count goes from 0 to 7 and round again; as many of three actions are allowed as there are bits in it.
STEP = "state.count = (state.count + 1.0) % 8.0\nreturn 1.0, state.count == 0.0"
MASK = """
def bits(state, params, out):
    for k in range(3):
        out[k] = int(state.count) // 2**k % 2 == 1 or (k == 0 and state.count == 0.0)
"""
ALLOWED = np.array([[(k == 0 and c == 0) or c // 2**k % 2 == 1 for k in range(3)] for c in range(8)])


@pytest.fixture
def masked(write_environment):
    def write(name="bits", imports=MASK, more="mask=bits", step=STEP, **parts):
        return envs.find(write_environment(name, imports=imports, more=more, step=step, **parts))

    return write


@pytest.mark.thorough
@pytest.mark.parametrize("backend", ["python", "compiled"])
def test_a_batch_writes_what_is_allowed(masked, backend):
    batch = Batch(masked(), 3, backend=backend)
    masks, obs, final = np.ones((3, 3), bool), np.zeros((3, 1), np.float32), np.zeros((3, 1), np.float32)
    with pytest.raises(ResetNeeded):
        batch.action_masks(masks)
    batch.reset(obs)
    rewards, ends, cuts = np.zeros(3), np.zeros(3, bool), np.zeros(3, bool)
    for step in range(1, 20):
        batch.states["count"][1] = 4.0
        batch.step(np.zeros(3, np.int64), obs, rewards, ends, cuts, final)
        batch.action_masks(masks)
        assert (masks == ALLOWED[[step % 8, 5, step % 8]]).all()
        masks[:] = True
        batch.final_masks(masks, np.flatnonzero(ends))
        assert (masks == np.where(ends[:, None], ALLOWED[0], True)).all()
    other_kinds = [] if backend == "python" else [masks.astype(np.int8), masks.T, masks.tolist()]
    for wrong in (masks[:2], masks[:, :2], *other_kinds):
        with pytest.raises(BadArray, match="masks must"):
            batch.action_masks(wrong)


def test_single_environments_say_it_in_info_and_by_the_method_of_sb3_contrib(masked):
    environment = masked()
    env = gym.make(environment.id)
    (_, info), ended = env.reset(seed=0), False
    for step in range(1, 8):
        action = env.action_space.sample(info["action_mask"])
        assert ALLOWED[step - 1][action]
        _, _, ended, _, info = env.step(action)
        mask = env.get_wrapper_attr("action_masks")()
        assert mask.dtype == bool
        assert info["action_mask"].dtype == np.int8
        assert (mask == ALLOWED[step % 8]).all() and (mask == info["action_mask"]).all()
    assert not ended
    twin: Any
    for twin in (copy.deepcopy(env.unwrapped), pickle.loads(pickle.dumps(env.unwrapped))):
        assert (twin.action_masks() == ALLOWED[7]).all()
    assert not hasattr(gym.make("sandbox/CartPole-v1").unwrapped, "action_masks")
    assert "action_mask" not in gym.make("sandbox/CartPole-v1").reset(seed=0)[1]


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_vector_environments_say_what_gymnasiums_own_would(masked, mode):
    environment = masked()
    ours: Any = gym.make_vec(environment.id, num_envs=3, vector_kwargs={}, autoreset_mode=mode)
    kwargs = {"autoreset_mode": gym.vector.AutoresetMode(mode)}
    theirs = gym.make_vec(environment.id, num_envs=3, vectorization_mode="sync", vector_kwargs=kwargs)
    found = [(ours.reset(seed=1)[1], theirs.reset(seed=1)[1])]
    for _ in range(10):
        actions = np.zeros(3, np.int64)
        found.append((ours.step(actions)[-1], theirs.step(actions)[-1]))
        assert (ours.action_masks() == found[-1][0]["action_mask"]).all()
        assert (np.stack(ours.call("action_masks")) == ours.action_masks()).all()
    ended = 0
    for mine, stock in found:
        assert mine["action_mask"].dtype == stock["action_mask"].dtype
        assert (mine["action_mask"] == stock["action_mask"]).all()
        assert (mine["_action_mask"] == stock["_action_mask"]).all()
        if "final_info" in stock:
            last, stock_last = mine["final_info"], stock["final_info"]
            assert (last["action_mask"] == stock_last["action_mask"]).all()
            assert (last["_action_mask"] == stock_last["_action_mask"]).all()
            ended += 1
    assert ended == (mode == "SameStep")
    assert not hasattr(gym.make_vec("sandbox/CartPole-v1", num_envs=2), "action_masks")


def test_masks_of_several_choices(masked):
    imports = "def bits(state, params, out):\n    out[1] = True\n    out[2 + int(state.count) % 3] = True"
    step = "state.count = (state.count + 1.0) % 9.0\nreturn 0.0, False"
    environment = masked(imports=imports, actions="spaces.MultiDiscrete([2, 3])", step=step)
    assert environment.mask_size == 5
    env = gym.make(environment.id)
    env.reset(seed=0)
    _, _, _, _, info = env.step(np.array([1, 0]))
    assert info["action_mask"].tolist() == [0, 1, 0, 1, 0]
    rules_run_as_python(environment)


@pytest.mark.parametrize(
    ("imports", "reason"),
    [
        ("def bits(state, params, out):\n    out[0] = state.count < 3.0", "allows nothing"),
        ("def bits(state, params, out):\n    out[3] = True", "index 3"),
        ("def bits(state, params):\n    pass", "must take 3 arguments"),
    ],
    ids=["nothing", "outside", "arguments"],
)
def test_a_wrong_mask_is_told_before_it_is_trusted(masked, imports, reason):
    with pytest.raises((CheckFailed, BrokenEnvironment), match=reason) as caught:
        rules_run_as_python(masked(imports=imports))
    assert "bits.py, line " in str(caught.value)


def test_a_mask_is_for_discrete_actions(masked):
    with pytest.raises(BrokenEnvironment, match="Discrete or MultiDiscrete"):
        masked(actions="spaces.Box(-1.0, 1.0, (1,), np.float32)")


@pytest.mark.thorough
def test_what_is_rarely_forbidden_is_found_by_playing_long(masked):
    imports = "def bits(state, params, out):\n    out[0] = state.count != 3333.0"
    parts = {"step": "state.count += 1.0\nreturn 0.0, False", "observe": "obs[0] = 0.0"}
    environment = masked(imports=imports, **parts)
    with pytest.raises(BrokenEnvironment, match="allows nothing after 3,333 steps") as caught:
        play_long(environment, 60.0)
    assert caught.value.function == "mask"
    imports = "def bits(state, params, out):\n    out[0] = True\n    out[int(state.count) // 3333 * 3] = True"
    with pytest.raises(BrokenEnvironment, match="index 3") as caught:
        play_long(masked("outside", imports=imports, **parts), 60.0)
    assert caught.value.function == "bits" and caught.value.line is not None


@pytest.mark.thorough
def test_a_mask_passes_every_check(masked):
    space = "spaces.Box(0.0, 8.0, (1,), np.float32)"
    environment = masked(space=space, draw='canvas.rect(0, 0, 9, 9, "ink")')
    for check in rule_checks.rule_checks(0.2).values():
        check(environment)

"""The checker finds what is broken in vector environments of anybody."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from envs.engine.checks import check as check_module
from envs.engine.checks.check import Result, check, iterate_checks
from envs.engine.checks.vector_checks import VECTOR_CHECKS
from envs.engine.checks.vector_comparison import Maker
from envs.engine.core.single import SingleEnv
from envs.engine.vector import BatchVectorEnv


def failures(results):
    return {result.name: result.message for result in results if not result.passed}


class Changed(BatchVectorEnv):
    """A vector environment whose steps are changed before they are returned."""

    def step(self, actions):
        self.over = self.batch.states["over"].copy()
        obs, rewards, terminated, truncated, infos = super().step(actions)
        step = {
            "obs": obs,
            "rewards": rewards,
            "terminated": terminated,
            "truncated": truncated,
            "infos": infos,
        }
        self.change(step, np.asarray(actions))
        return step["obs"], step["rewards"], step["terminated"], step["truncated"], step["infos"]

    def change(self, step, actions):
        """Changes a step in place."""


class WrongObsDtype(Changed):
    def change(self, step, actions):
        step["obs"] = step["obs"].astype(np.float64)


class ObsOutOfBounds(Changed):
    def change(self, step, actions):
        step["obs"][0, 0] = 50.0


class IntegerRewards(Changed):
    def change(self, step, actions):
        step["rewards"] = step["rewards"].astype(np.int64)


class IgnoresSeeds(BatchVectorEnv):
    def reset(self, *, seed=None, options=None):
        return super().reset(seed=None, options=options)


class OneSeedForAll(BatchVectorEnv):
    def reset(self, *, seed=None, options=None):
        return super().reset(seed=[seed] * self.num_envs if isinstance(seed, int) else seed, options=options)


class ReusesItsArrays(Changed):
    def change(self, step, actions):
        self.kept = getattr(self, "kept", step["obs"])
        self.kept[:] = step["obs"]
        step["obs"] = self.kept


class ReusesFlags(Changed):
    def change(self, step, actions):
        self.kept = getattr(self, "kept", step["truncated"])
        self.kept[:] = step["truncated"]
        step["truncated"] = self.kept


class RewardsResets(Changed):
    def change(self, step, actions):
        step["rewards"][:] = 1.0


class ActsInResets(Changed):
    def change(self, step, actions):
        step["obs"][self.over, 0] += 0.01 * actions[self.over]


class LosesFinalObs(Changed):
    def change(self, step, actions):
        step["infos"] = {}


class GivesNewObsAsFinal(Changed):
    def change(self, step, actions):
        for i in np.flatnonzero(step["infos"].get("_final_obs", [])):
            step["infos"]["final_obs"][i] = step["obs"][i].copy()


class ResetsEverything(BatchVectorEnv):
    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)


class ResetsNothing(BatchVectorEnv):
    def reset(self, *, seed=None, options=None):
        if options is None:
            return super().reset(seed=seed)
        obs = np.empty((self.num_envs, 4), np.float32)
        self.batch.observe(obs)
        return obs, {}


class TerminatesAtTheLimit(Changed):
    def change(self, step, actions):
        step["terminated"] |= step["truncated"]


class NeverTruncates(BatchVectorEnv):
    def __init__(self, *args, max_episode_steps=None, **kwargs):
        super().__init__(*args, **kwargs)


BROKEN_VECTORS = {
    WrongObsDtype: ("spaces, shapes and dtypes", "obs of step 1 is float64, its space float32"),
    ObsOutOfBounds: ("spaces, shapes and dtypes", "obs of step 1 is outside of its space"),
    IntegerRewards: ("spaces, shapes and dtypes", "rewards must be an array of 5 floats, not int64"),
    IgnoresSeeds: ("seeds repeat", "the same seed and actions give other episodes"),
    OneSeedForAll: (
        "alone equals batch",
        "environment 1 of 5 seeded with 7 does not start like a single one",
    ),
    ReusesItsArrays: ("returned arrays are new", "obs of a step shares its memory with obs"),
    ReusesFlags: ("returned arrays are new", "truncated of a step shares its memory with truncated"),
    RewardsResets: ("NEXT_STEP autoreset", "gives reward 1.0, not 0"),
    ActsInResets: ("NEXT_STEP autoreset", "depends on the action"),
    LosesFinalObs: ("SAME_STEP autoreset, final observations", "_final_obs"),
    GivesNewObsAsFinal: ("SAME_STEP autoreset, final observations", "final_obs of environment"),
    ResetsEverything: ("DISABLED autoreset, reset masks", "masks environment 1 out changed its observation"),
    ResetsNothing: ("DISABLED autoreset, reset masks", "does not begin episodes"),
    TerminatesAtTheLimit: ("truncation is not termination", "terminated after 9 steps depends on"),
    NeverTruncates: ("truncation is not termination", "not truncated after 9 steps"),
}


@pytest.fixture
def register_vector():
    """Registers CartPole with another vector environment; returns its id."""
    ids = []

    def register(vector_class, single=None, **settings):
        env_id = f"test/{vector_class.__name__}-v0"
        gym.register(
            env_id,
            entry_point=single or "envs.engine.core.single:SingleEnv",
            vector_entry_point=vector_class,
            max_episode_steps=500,
            kwargs={"environment": "cartpole"},
            **settings,
        )
        ids.append(env_id)
        return env_id

    yield register
    for env_id in ids:
        gym.registry.pop(env_id)


@pytest.mark.parametrize("vector_class", BROKEN_VECTORS, ids=lambda c: c.__name__)
def test_broken_vector_environments(register_vector, vector_class):
    title, sentence = BROKEN_VECTORS[vector_class]
    maker = Maker(register_vector(vector_class))
    result = check_module.run_check(title, lambda: VECTOR_CHECKS[f"vector: {title}"](maker))
    assert not result.passed
    assert sentence in result.message


def test_the_unbroken_one_passes_all_vector_checks(register_vector):
    maker = Maker(register_vector(BatchVectorEnv))
    assert maker.modes == list(AutoresetMode)
    for title, function in VECTOR_CHECKS.items():
        assert check_module.run_check(title, lambda function=function: function(maker)) == Result(
            title, True, ""
        )


def test_gymnasium_ids_are_checked_in_all_modes():
    results = list(iterate_checks("Acrobot-v1"))
    assert failures(results) == {}
    assert sum(result.name.startswith("vector") for result in results) == len(VECTOR_CHECKS)
    assert not any("skipped" in result.message for result in results)


def test_finds_that_gymnasiums_own_vector_cartpole_is_seeded_otherwise():
    failed = failures(check("CartPole-v1"))
    assert list(failed) == ["vector: alone equals batch"]


def test_a_failing_gymnasium_environment_is_reported(register_vector):
    class Wrong(gym.Wrapper):
        def __init__(self, environment):
            super().__init__(SingleEnv(environment))

        def step(self, action):
            obs, reward, terminated, truncated, info = self.env.step(action)
            return obs.astype(np.float64) + 100, reward, terminated, truncated, info

    env_id = register_vector(BatchVectorEnv, single=Wrong)
    failed = failures(check(env_id))
    assert "vector: alone equals batch" in failed
    assert "Stable-Baselines3's check_env" in failed


def test_sb3_may_be_missing(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(check_module.importlib, "import_module", missing)
    assert "not installed" in check_module._sb3_check("sandbox/CartPole-v1")

"""What callbacks see of a rollout, and what becomes of what they change: as with Stable-Baselines3's PPO."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit
from stable_baselines3.common.callbacks import BaseCallback, CallbackList, EventCallback
from stable_baselines3.common.vec_env import DummyVecEnv

from agents import PPO, make_vec_env
from agents.ppo.callback_locals import lend_locals

NAMES = ["obs_tensor", "actions", "values", "log_probs", "clipped_actions", "new_obs", "rewards", "dones"]
NAMES += ["infos", "n_steps", "n_rollout_steps"]


class Noise(gym.Env):
    """Random observations; episodes end at random."""

    observation_space = spaces.Box(-1, 1, (3,), np.float32)

    def __init__(self, action_space: spaces.Space) -> None:
        self.action_space = action_space

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._obs(), {}

    def step(self, action):
        reward = float(self.np_random.normal() + 0.1 * np.sum(action))
        return self._obs(), reward, bool(self.np_random.random() < 0.05), False, {}

    def _obs(self):
        return self.np_random.uniform(-1, 1, 3).astype(np.float32)


def noise(space: spaces.Space | None = None) -> DummyVecEnv:
    actions = space or spaces.Box(-1, 1, (2,))
    return DummyVecEnv([lambda: TimeLimit(Noise(actions), 7) for _ in range(4)])


def cartpoles():
    return make_vec_env("cartpole", 4, seed=5)


def learn(algorithm: Any, callback: Any, env: Any, steps: int = 192, policy: str = "MlpPolicy") -> Any:
    options: dict[str, Any] = {"n_steps": 16, "batch_size": 32, "n_epochs": 2, "seed": 5, "device": "cpu"}
    return algorithm(policy, env, **options).learn(steps, callback=callback)


def assert_equal(ours: Any, theirs: Any) -> None:
    for (name, mine), stock in zip(
        ours.policy.state_dict().items(), theirs.policy.state_dict().values(), strict=True
    ):
        assert torch.allclose(mine, stock, atol=1e-5, rtol=0), name


def copied(value: Any) -> np.ndarray:
    return np.array(value.numpy() if isinstance(value, torch.Tensor) else value)


class Everything(BaseCallback):
    """Copies all that Stable-Baselines3's loop has in its locals."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, Any]] = []
        self.last: list[np.ndarray] = []

    def _on_step(self) -> bool:
        assert all(name in self.locals for name in NAMES)
        self.seen.append({name: copied(self.locals[name]) for name in NAMES if name != "infos"})
        self.last.append(np.array(self.model._last_obs))
        return True

    def _on_rollout_end(self) -> None:
        self.seen.append({name: copied(self.locals.get(name)) for name in ("values", "log_probs", "n_steps")})
        self.seen[-1]["pos"] = copied(self.locals["rollout_buffer"].pos)


@pytest.mark.parametrize(
    ("policy", "env"),
    [
        ("MlpPolicy", noise),
        ("MlpPolicy", cartpoles),
        ("BlockCnnPolicy", lambda: make_vec_env("snake", 4, seed=5)),
    ],
    ids=["foreign", "compiled", "pictures"],
)
def test_locals_are_those_of_the_stock_loop(policy, env):
    found = []
    for algorithm in (PPO, stable_baselines3.PPO):
        callback = Everything()
        found.append(callback)
        learn(algorithm, callback, env(), policy=PPO.policy_aliases[policy])  # pyright: ignore[reportArgumentType]
    assert len(found[0].seen) == len(found[1].seen) == 3 * 17
    for mine, stock in zip(found[0].seen, found[1].seen, strict=True):
        assert mine.keys() == stock.keys()
        for name, value in mine.items():
            assert value.shape == stock[name].shape and value.dtype == stock[name].dtype, name
            np.testing.assert_allclose(value, stock[name], atol=1e-4, err_msg=name)
    np.testing.assert_allclose(found[0].last, found[1].last, atol=1e-6)


def shrink_rewards(locals_):
    locals_["rewards"][:] *= 0.1


def shift_observations(locals_):
    locals_["new_obs"][:] += 0.5


def never_done(locals_):
    locals_["dones"][:] = False


def shrink_values(locals_):
    locals_["values"][:] *= 0.1


def shift_log_probs(locals_):
    locals_["log_probs"][:2] -= 0.3


def other_actions(locals_):
    locals_["actions"][:] *= 0


def nothing_is_cut_off(locals_):
    for info in locals_["infos"]:
        info.pop("TimeLimit.truncated", None)


CHANGES = [
    shrink_rewards,
    shift_observations,
    never_done,
    shrink_values,
    shift_log_probs,
    other_actions,
    nothing_is_cut_off,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("env", [noise, cartpoles])
def test_what_a_callback_changes_in_place_is_learned_from(change, env):
    def callback(locals_, globals_):
        change(locals_)
        return True

    models = [learn(algorithm, callback, env()) for algorithm in (PPO, stable_baselines3.PPO)]
    assert_equal(*models)
    assert models[0].slow_because is None


def in_place(policy):
    with torch.no_grad():
        policy.value_net.weight.mul_(0.5)
        policy.mlp_extractor.value_net[0].bias.add_(0.2)
        policy.action_net.weight.add_(0.1)
        if hasattr(policy, "log_std"):
            policy.log_std.data.sub_(0.3)


def by_new_data(policy):
    policy.value_net.weight.data = 0.5 * policy.value_net.weight.data
    policy.action_net.bias.data = policy.action_net.bias.data + 0.2
    if hasattr(policy, "log_std"):
        policy.log_std.data = policy.log_std.data - 0.3


@pytest.mark.parametrize("change", [in_place, by_new_data])
@pytest.mark.parametrize(("policy", "env"), [("MlpPolicy", noise), ("MlpPolicy", cartpoles)])
def test_a_callback_may_change_the_policy_in_the_middle_of_a_rollout(change, policy, env):
    class Change(BaseCallback):
        def _on_step(self) -> bool:
            if self.n_calls % 10 == 0:
                change(self.model.policy)
            return True

    models = [learn(algorithm, Change(), env(), policy=policy) for algorithm in (PPO, stable_baselines3.PPO)]
    assert_equal(*models)
    assert models[0].slow_because is None


@pytest.mark.parametrize("env", [noise, cartpoles])
@pytest.mark.parametrize("last", [1, 21, 32])
def test_stopped_in_the_middle_it_goes_on_from_where_stock_goes_on(env, last):
    class Stop(BaseCallback):
        def _on_step(self) -> bool:
            return self.n_calls < last

    models = []
    for algorithm in (PPO, stable_baselines3.PPO):
        model = learn(algorithm, Stop(), env())
        assert model.num_timesteps == 4 * last
        models.append((model, model._last_obs.copy(), model._last_episode_starts.copy()))
        model.learn(128, reset_num_timesteps=False)
    np.testing.assert_allclose(models[0][1], models[1][1], atol=1e-6)
    np.testing.assert_array_equal(models[0][2], models[1][2])
    assert_equal(models[0][0], models[1][0])


def test_callbacks_inside_of_callbacks_share_what_they_find():
    class Reads(BaseCallback):
        def _on_step(self) -> bool:
            self.found = self.locals["values"]
            self.missing = self.locals.get("nothing", 3)
            return True

    class Every(EventCallback):
        def _on_step(self) -> bool:
            return self._on_event()

    reads, other = Reads(), Reads()
    model = learn(PPO, CallbackList([Every(reads), other]), noise(), 64)
    assert reads.found is other.found and reads.found.shape == (4, 1) and reads.missing == 3
    assert other.locals["values"].shape == (4, 1)  # of the last observations, after the rollout
    with pytest.raises(KeyError):
        other.locals["nothing"]
    assert model.slow_because is None


def test_values_are_computed_once_and_only_if_somebody_asks():
    class Plain(BaseCallback):
        def _on_step(self) -> bool:
            return True

    callback, calls = Plain(), []
    step = lend_locals(callback)
    step.begin(lambda: calls.append(1) or (torch.ones(2, 1), torch.zeros(2)))
    assert "values" in callback.locals and not calls
    assert callback.locals["log_probs"].shape == (2,) and callback.locals["values"].shape == (2, 1)
    assert len(calls) == 1
    step.begin(None)
    assert "values" not in callback.locals

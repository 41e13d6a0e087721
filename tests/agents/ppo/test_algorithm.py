"""PPO against Stable-Baselines3's: same seed, same environments, same numbers."""

import copy
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env as make_stock_vec_env
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike
from stable_baselines3.common.utils import LinearSchedule
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecFrameStack, VecNormalize

import envs
from agents import PPO, make_vec_env
from agents.batch_vec_env import BatchVecEnv
from agents.ppo.towers import Towers
from sandbox.errors import UserError


class Walk(gym.Env):
    """Random observations; rewards depend on the action, so that there is something to learn."""

    def __init__(self, action_space: spaces.Space, observation_space: spaces.Space | None = None):
        self.action_space = action_space
        self.observation_space = observation_space or spaces.Box(-1, 1, (3,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._obs(), {}

    def step(self, action):
        reward = float(np.sum(action)) * 0.1 + self.np_random.normal()
        return self._obs(), reward, bool(self.np_random.random() < 0.05), False, {}

    def _obs(self):
        if isinstance(self.observation_space, spaces.Discrete):
            return int(self.np_random.integers(6))
        if self.observation_space.dtype == np.uint8:
            return self.np_random.integers(256, size=self.observation_space.shape, dtype=np.uint8)
        return self.np_random.uniform(-1, 1, 3).astype(np.float32)


SPACES = {
    "discrete": spaces.Discrete(3),
    "box": spaces.Box(-1, 1, (2,)),
    "square_box": spaces.Box(-1, 1, (2, 2)),
    "one_number": spaces.Box(-1, 1, ()),
    "multidiscrete": spaces.MultiDiscrete([2, 3]),
    "multibinary": spaces.MultiBinary(3),
}


def walks(kind: str):
    # A limit of 7 steps: truncations in every rollout.
    return DummyVecEnv([lambda: TimeLimit(Walk(SPACES[kind]), 7) for _ in range(4)])


def learn(algorithm: Any, env: VecEnv, steps: int = 256, policy: Any = "MlpPolicy", **options: Any):
    options = {"n_steps": 16, "batch_size": 32, "n_epochs": 3, "seed": 5, "device": "cpu", **options}
    model = algorithm(policy, env, **options)
    model.set_logger(Logger(None, []))
    model.learn(steps)
    return model


def assert_equal_models(ours, theirs, tolerance=1e-5):
    mine, stock = ours.policy.state_dict(), theirs.policy.state_dict()
    assert list(mine) == list(stock)
    for name, value in mine.items():
        torch.testing.assert_close(value, stock[name], atol=tolerance, rtol=0)
    assert ours._n_updates == theirs._n_updates


@pytest.mark.parametrize("kind", SPACES)
def test_same_seed_same_weights(kind):
    ours = learn(PPO, walks(kind), ent_coef=0.01)
    theirs = learn(stable_baselines3.PPO, walks(kind), ent_coef=0.01)
    assert_equal_models(ours, theirs)
    mine, stock = ours.logger.name_to_value, theirs.logger.name_to_value
    assert set(mine) == set(stock)
    for key, value in stock.items():
        if key.startswith("train/"):
            assert mine[key] == pytest.approx(value, abs=2e-4), key


@pytest.mark.parametrize(
    "options",
    [
        {"clip_range_vf": 0.1, "clip_range": 0.05},
        {"target_kl": 0.003, "learning_rate": 3e-3},
        {"normalize_advantage": False, "vf_coef": 0.2, "max_grad_norm": 0.05},
        {
            "learning_rate": LinearSchedule(1e-3, 0, 1),
            "clip_range": LinearSchedule(0.3, 0, 1),
            "batch_size": 24,
        },
        {"policy_kwargs": {"net_arch": {"pi": [8], "vf": [16, 4]}, "activation_fn": torch.nn.ReLU}},
        {"policy_kwargs": {"net_arch": [12, 9], "activation_fn": torch.nn.ReLU}},
        {"policy_kwargs": {"optimizer_class": torch.optim.SGD}},
        {"policy_kwargs": {"optimizer_class": RMSpropTFLike, "optimizer_kwargs": {"eps": 1e-5}}},
        {"policy_kwargs": {"share_features_extractor": False, "activation_fn": torch.nn.ELU}},
    ],
    ids=["clip_vf", "target_kl", "no_norm", "schedules", "uneven", "relu", "sgd", "rmsprop", "apart"],
)
@pytest.mark.filterwarnings("ignore:You have specified a mini-batch size")
def test_same_numbers_with_every_option(options):
    ours, theirs = (
        learn(PPO, walks("discrete"), **options),
        learn(stable_baselines3.PPO, walks("discrete"), **options),
    )
    assert_equal_models(ours, theirs)
    assert ours.slow_because is None


def test_normalised_and_stacked_environments_give_the_same_numbers():
    def wrapped():
        return VecFrameStack(VecNormalize(walks("discrete")), 3)

    ours, theirs = learn(PPO, wrapped()), learn(stable_baselines3.PPO, wrapped())
    assert_equal_models(ours, theirs)
    assert ours.slow_because is None


def test_an_own_step_wait_of_the_compiled_batch_is_called():
    class Halved(BatchVecEnv):
        def step_wait(self):
            obs, rewards, dones, infos = super().step_wait()
            return obs, 0.5 * rewards * (obs[:, 2] > 0), dones, infos

    def halved():
        return Halved(envs.find("cartpole"), 4, seed=5)

    def patched():
        env: Any = make_vec_env("cartpole", 4, seed=5)
        stock = env.step_wait
        env.step_wait = lambda: (lambda o, r, d, i: (o, 0.5 * r * (o[:, 2] > 0), d, i))(*stock())
        return env

    theirs = learn(stable_baselines3.PPO, halved(), steps=512)
    assert_equal_models(learn(PPO, halved(), steps=512), theirs)
    assert_equal_models(learn(PPO, patched(), steps=512), theirs)


@pytest.mark.parametrize(
    ("actions", "observations", "what"),
    [
        (spaces.Discrete(3, start=-1), None, "actions of this environment are Discrete"),
        (spaces.MultiDiscrete([2, 3], start=[0, 1]), None, "actions of this environment are MultiDiscrete"),
        (spaces.Discrete(3), spaces.Discrete(6, start=2), "observations of this environment are Discrete"),
    ],
)
def test_spaces_that_begin_elsewhere_than_at_0_are_refused(actions, observations, what):
    env = DummyVecEnv([lambda: Walk(actions, observations)])
    with pytest.raises(UserError, match=f"Agents count from 0, but the {what}.*declare them without a start"):
        PPO("MlpPolicy", env)


def test_the_name_of_a_cnn_means_the_stock_network():
    def screens():
        space = spaces.Box(0, 255, (84, 84, 4), np.uint8)
        return DummyVecEnv([lambda: Walk(SPACES["discrete"], space)])

    ours = PPO("CnnPolicy", screens(), n_steps=2, batch_size=2, seed=0, device="cpu")
    theirs = stable_baselines3.PPO("CnnPolicy", screens(), n_steps=2, batch_size=2, seed=0, device="cpu")
    mine, stock = ours.policy.state_dict(), theirs.policy.state_dict()
    assert list(mine) == list(stock) and all(torch.equal(mine[name], stock[name]) for name in mine)
    small = {"features_extractor_kwargs": {"features_dim": 32}}
    options: dict[str, Any] = {"policy": "CnnPolicy", "steps": 16, "n_steps": 2, "policy_kwargs": small}
    assert learn(PPO, screens(), **options, batch_size=2).policy.features_dim == 32


def test_pictures_too_small_for_the_stock_network_are_told_which_one_to_take():
    with pytest.raises(UserError, match='at least 36x36, not 10x10: take "BlockCnnPolicy"'):
        PPO("CnnPolicy", make_vec_env("snake", 4, seed=5))
    edge = spaces.Box(0, 255, (36, 36, 1), np.uint8)
    PPO("CnnPolicy", DummyVecEnv([lambda: Walk(SPACES["discrete"], edge)]), device="cpu")


@pytest.mark.parametrize("policy", ["MlpPolicy", ActorCriticPolicy])
def test_an_mlp_on_a_gpu_is_warned_of_as_by_stock(policy):
    model = PPO(policy, walks("discrete"), device="cpu")
    model.device = torch.device("cuda")
    with pytest.warns(UserWarning, match="You are trying to run PPO on the GPU"):
        model._maybe_recommend_cpu()


def test_the_compiled_batch_gives_what_stock_gets_from_gymnasium():
    # Our CartPole draws other first states, so each side gets our environment: alone, or as a batch.
    ours = learn(PPO, make_vec_env("cartpole", 4, seed=5), steps=512)
    singles = DummyVecEnv([lambda: gym.make("sandbox/CartPole-v1") for _ in range(4)])
    theirs = learn(stable_baselines3.PPO, singles, steps=512)
    assert_equal_models(ours, theirs)
    batch = make_vec_env("cartpole", 4, seed=5)
    assert_equal_models(ours, learn(stable_baselines3.PPO, batch, steps=512))
    mine = [(e["r"], e["l"]) for e in ours.ep_info_buffer or ()]
    assert len(mine) > 5
    assert all(r == length for r, length in mine)


def test_pictures_are_read_from_the_batch_without_turning_them():
    options: dict[str, Any] = {"policy": "BlockCnnPolicy", "steps": 64, "n_steps": 8}
    ours = learn(PPO, make_vec_env("snake", 4, seed=5), **options)
    assert ours.policy.observation_space.shape == (4, 10, 10)
    stock_options: dict[str, Any] = options | {"policy": PPO.policy_aliases["BlockCnnPolicy"]}
    theirs = learn(stable_baselines3.PPO, make_vec_env("snake", 4, seed=5), **stock_options)
    assert_equal_models(ours, theirs)


class Recorder(BaseCallback):
    NAMES: ClassVar = ("infos", "dones", "rewards", "new_obs", "actions", "clipped_actions")

    def __init__(self):
        super().__init__()
        self.steps: list[dict] = []
        self.rollouts = 0

    def _on_step(self) -> bool:
        # Stable-Baselines3 adds the bootstrapped value to `rewards` later on, hence the copy.
        self.steps.append({name: copy.copy(self.locals[name]) for name in self.NAMES})
        return len(self.steps) < 40

    def _on_rollout_end(self) -> None:
        self.rollouts += 1
        buffer = self.locals["rollout_buffer"]
        assert buffer.full and buffer.observations.shape == (16, 4, 3)
        np.testing.assert_allclose(buffer.returns, buffer.advantages + buffer.values, atol=1e-6)


def test_callbacks_see_the_same_locals_and_can_stop():
    recorders = [Recorder(), Recorder()]
    for algorithm, recorder in zip((PPO, stable_baselines3.PPO), recorders, strict=True):
        model = algorithm("MlpPolicy", walks("box"), n_steps=16, batch_size=32, seed=1, device="cpu")
        model.learn(1000, callback=recorder)
        assert model.num_timesteps == 160
    assert recorders[0].rollouts == recorders[1].rollouts == 2
    for mine, stock in zip(recorders[0].steps, recorders[1].steps, strict=True):
        for name in ("dones", "rewards", "new_obs", "actions", "clipped_actions"):
            np.testing.assert_allclose(mine[name], stock[name], atol=1e-4)
        assert [i.get("TimeLimit.truncated", False) for i in mine["infos"]] == [
            i.get("TimeLimit.truncated", False) for i in stock["infos"]
        ]


def test_observations_given_to_callbacks_are_never_written_again():
    recorder = Recorder()
    model = PPO("MlpPolicy", make_vec_env("cartpole", 4, seed=1), n_steps=8, batch_size=32, device="cpu")

    class Keep(BaseCallback):
        def _on_step(self) -> bool:
            recorder.steps.append({"view": self.locals["new_obs"], "copy": self.locals["new_obs"].copy()})
            return True

    model.learn(4 * 8 * 5, callback=Keep())
    for step in recorder.steps:
        np.testing.assert_array_equal(step["view"], step["copy"])


def test_discrete_observations_and_state_dependent_exploration_work():
    def counts():
        space = spaces.Discrete(6)
        return DummyVecEnv([lambda: TimeLimit(Walk(SPACES["discrete"], space), 7) for _ in range(4)])

    assert_equal_models(learn(PPO, counts()), learn(stable_baselines3.PPO, counts()))
    options: dict[str, Any] = {"use_sde": True, "steps": 128}
    assert_equal_models(
        learn(PPO, walks("box"), **options), learn(stable_baselines3.PPO, walks("box"), **options)
    )


def test_a_stock_policy_class_is_as_fast_a_path_as_ours():
    model = learn(PPO, walks("discrete"), policy=ActorCriticPolicy)
    assert model._machine is not None and isinstance(model._machine.backbone, Towers)
    assert_equal_models(model, learn(stable_baselines3.PPO, walks("discrete")))


def test_a_gymnasium_environment_and_an_id_are_taken_as_they_are():
    env = make_stock_vec_env("CartPole-v1", 2, seed=0)
    assert PPO("MlpPolicy", env, n_steps=16, batch_size=32, device="cpu").learn(64).num_timesteps == 64
    model = PPO("MlpPolicy", "Pendulum-v1", n_steps=32, batch_size=32, device="cpu")
    assert model.learn(64).num_timesteps == 64


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(("target", "policy"), [("cartpole", "MlpPolicy"), ("snake", "BlockCnnPolicy")])
@pytest.mark.filterwarnings("ignore:You are trying to run PPO on the GPU")
def test_a_gpu_learns_what_the_cpu_learns(target, policy):
    # Actions are drawn from other generators, so only an update from the same weights is compared.
    cpu = learn(PPO, make_vec_env(target, 8, seed=1), steps=128, policy=policy)
    gpu = learn(PPO, make_vec_env(target, 8, seed=1), steps=128, policy=policy, device="cuda")
    gpu.policy.load_state_dict(cpu.policy.state_dict())
    gpu._rollout = cpu._rollout
    gpu._rollout.attach(gpu.rollout_buffer)
    for model in (cpu, gpu):
        np.random.seed(0)
        model.policy.optimizer.state.clear()
        model.train()
    for name, value in cpu.policy.state_dict().items():
        torch.testing.assert_close(value, gpu.policy.state_dict()[name].cpu(), atol=1e-3, rtol=0)

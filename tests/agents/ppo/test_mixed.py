"""Dictionaries and tuples of observations and actions in one agent, as rows."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import DummyVecEnv
from torch.distributions import Bernoulli, Categorical, Normal

from agents import PPO
from agents.evaluate import evaluate_policy, random_policy
from agents.flat_environments import FlatEnv, FlatVecEnv, flat_if_nested
from agents.flat_spaces import FlatActions, FlatObservations
from agents.player import Player
from agents.policies import MlpPolicy
from agents.policies.action_heads import ProductHead
from agents.policies.recurrent import MemoryPolicy
from agents.ppo.backbones import Autograd
from agents.ppo.towers import Towers
from agents.settings import PPOSettings
from agents.train import train
from agents.training.compatibility import check_agent
from agents.viewing.episode import Episode
from sandbox.errors import UserError
from sandbox.runs import Run

SEEN = spaces.Dict(
    speed=spaces.Box(-2, 2, (2,), np.float32),
    gear=spaces.Discrete(3),
    lamps=spaces.MultiBinary(2),
    tools=spaces.MultiDiscrete([2, 4]),
)
NESTED = spaces.Tuple([SEEN, spaces.Box(0, 255, (6, 6, 3), np.uint8), spaces.Dict(deep=spaces.Discrete(2))])
ACTS = spaces.Tuple(
    [
        spaces.Box(-1, 1, (2,), np.float32),
        spaces.Discrete(3),
        spaces.Dict(bits=spaces.MultiBinary(2), tools=spaces.MultiDiscrete([2, 4])),
    ]
)


class Aim(gym.Env):
    """Take the gear that is shown and push by the number that is shown: either alone earns half."""

    render_mode = "rgb_array"

    def __init__(self, seen: spaces.Space = SEEN, acts: spaces.Space | None = None, render_mode=None):
        self.observation_space = seen
        self.action_space = acts or spaces.Dict(push=spaces.Box(-1, 1, (1,)), gear=spaces.Discrete(3))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(int(self.np_random.integers(2**31)))
        return self._next(), {}

    def step(self, action):
        assert self.action_space.contains(action), action
        reward = 0.0
        if isinstance(self.action_space, spaces.Dict):
            target = np.clip(self.now["speed"][0] / 2, -1, 1)
            reward = 0.5 * (action["gear"] == self.now["gear"]) + 0.5 - 0.5 * abs(action["push"][0] - target)
        return self._next(), float(reward), bool(self.np_random.random() < 0.1), False, {}

    def render(self):
        return np.zeros((20, 20, 3), np.uint8)

    def _next(self):
        self.now = self.observation_space.sample()
        return self.now


def aims(n=4, **options):
    return DummyVecEnv([lambda: flat_if_nested(TimeLimit(Aim(**options), 10))] * n)


def learn(algorithm: Any, policy: Any, env, steps=256, **options):
    options = {"n_steps": 16, "batch_size": 32, "n_epochs": 3, "seed": 5, "device": "cpu", **options}
    model = algorithm(policy, env, **options)
    model.set_logger(Logger(None, []))
    model.learn(steps)
    return model


@pytest.fixture
def registered():
    gym.register("test/Aim-v0", lambda **options: Aim(**options), max_episode_steps=10)
    yield "test/Aim-v0"
    gym.registry.pop("test/Aim-v0")


def test_rows_hold_what_the_dictionary_held():
    flat = FlatObservations(NESTED)
    value = (
        {
            "speed": np.array([0.5, -1], np.float32),
            "gear": 2,
            "lamps": np.array([1, 0], np.int8),
            "tools": np.array([1, 3]),
        },
        np.arange(108, dtype=np.uint8).reshape(6, 6, 3),
        {"deep": 1},
    )
    row = flat.flatten(value)
    plain = [0.5, -1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1]
    assert row.tolist() == [*plain, *range(108)]
    assert flat.plain == len(plain) and flat.contains(row)
    batch = (
        {key: np.stack([one, one]) for key, one in value[0].items()},
        np.stack([value[1]] * 2),
        {"deep": [1, 1]},
    )
    assert (flat.flatten(batch) == row).all() and flat.flatten(batch).shape == (2, 123)
    for wrong in ({}, value[:2], (*value[:2], {"deep": [[1]]})):
        with pytest.raises(UserError, match="no observation of"):
            flat.flatten(wrong)
    with pytest.raises(UserError, match="text is Text"):
        FlatObservations(spaces.Dict(text=spaces.Text(3)))
    with pytest.raises(UserError, match="without a start"):
        FlatActions(spaces.Tuple([spaces.Discrete(3, start=1)]))
    with pytest.raises(UserError, match="MultiDiscrete instead"):
        FlatActions(spaces.Tuple([spaces.Box(0, 9, (2,), np.int64)]))


def test_actions_go_to_rows_and_back():
    flat = FlatActions(ACTS)
    assert (flat.sizes, flat.bits, flat.numbers, flat.num_outputs) == ([3, 2, 4], 2, 2, 13)
    flat.seed(0)
    for _ in range(50):
        row = flat.sample()
        action = flat.unflatten(row)
        assert flat.contains(row) and ACTS.contains(action)
        assert (flat.flatten(action) == row).all()
    assert np.ptp([flat.sample() for _ in range(200)], 0).min() > 0.9


def test_the_product_is_of_plain_distributions():
    torch.manual_seed(0)
    flat = FlatActions(ACTS)
    log_std = torch.nn.Parameter(torch.tensor([0.3, -0.5]))
    log_std.grad = torch.zeros(2)
    outputs, weights = torch.randn(64, 13, requires_grad=True), torch.randn(64)
    head = ProductHead(flat, log_std)
    with torch.no_grad():
        actions = head.sample(outputs)
        log_prob, entropy, saved = head.evaluate(outputs, actions)
        found = head.backward(saved, weights, 0.3)
    found_std = log_std.grad.clone()
    log_std.grad = None
    choices = [Categorical(logits=part) for part in outputs[:, :9].split([3, 2, 4], 1)]
    bits, numbers = Bernoulli(logits=outputs[:, 9:11]), Normal(outputs[:, 11:], log_std.exp())
    expected = bits.log_prob(actions[:, 3:5]).sum(1) + numbers.log_prob(actions[:, 5:]).sum(1)
    expected = expected + torch.stack([one.log_prob(actions[:, i]) for i, one in enumerate(choices)]).sum(0)
    uncertain = torch.stack([one.entropy() for one in choices]).sum(0)
    uncertain = uncertain + bits.entropy().sum(1) + numbers.entropy().sum(1)
    torch.testing.assert_close(log_prob, expected)
    torch.testing.assert_close(entropy, uncertain)
    ((expected * weights).sum() + 0.3 * uncertain.sum()).backward()
    torch.testing.assert_close(found, outputs.grad, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found_std, log_std.grad, atol=1e-4, rtol=1e-5)
    best = head.best(outputs.detach())
    assert (best[:, 5:] == outputs[:, 11:]).all() and (best[:, 0] == outputs[:, :3].argmax(1)).all()


def test_a_dictionary_of_numbers_learns_as_with_stable_baselines3s_multi_input_policy():
    acts = spaces.Discrete(3)
    ours = learn(PPO, "MlpPolicy", aims(acts=acts), ent_coef=0.01)
    theirs = learn(stable_baselines3.PPO, "MultiInputPolicy", aims(acts=acts), ent_coef=0.01)
    assert ours.slow_because is None and isinstance(ours._machine.backbone, Towers)
    pairs = zip(ours.policy.parameters(), theirs.policy.parameters(), strict=True)
    for mine, stock in pairs:
        torch.testing.assert_close(mine, stock, atol=1e-5, rtol=0)
    assert isinstance(ours.get_env(), FlatVecEnv)
    slow = learn(PPO, "MultiInputPolicy", aims(acts=acts), ent_coef=0.01)
    assert slow.slow_because is not None
    for mine, stock in zip(slow.policy.parameters(), theirs.policy.parameters(), strict=True):
        torch.testing.assert_close(mine, stock, atol=1e-5, rtol=0)


@pytest.mark.parametrize("policy", [MlpPolicy, MemoryPolicy])
@pytest.mark.parametrize("acts", [ACTS, spaces.Tuple([spaces.Discrete(2), spaces.Discrete(3)])])
def test_every_kind_of_observation_and_action_in_one_agent(policy, acts, tmp_path):
    options = {"kind": "gru", "memory": 8} if policy is MemoryPolicy else {}
    model = learn(
        PPO, policy, aims(seen=NESTED, acts=acts), 128, policy_kwargs=options
    )  # the environment checks
    assert model.slow_because is None
    assert policy is MemoryPolicy or isinstance(model._machine.backbone, Autograd)
    before = [parameter.clone() for parameter in model.policy.parameters()]
    model.learn(64, reset_num_timesteps=False)
    moved = [not torch.equal(a, b) for a, b in zip(before, model.policy.parameters(), strict=True)]
    assert all(moved) or (
        acts is not ACTS and sum(moved) == len(moved) - 1
    )  # log_std has nothing to do there
    env = Aim(NESTED, acts)
    obs, _ = env.reset(seed=0)
    action, _ = model.predict(obs, deterministic=True)
    env.step(action)
    assert isinstance(model.observation_space, FlatObservations)
    assert isinstance(model.action_space, FlatActions)
    rows = model.observation_space.flatten(obs)
    chosen = model.action_space.flatten(action)
    np.testing.assert_allclose(model.predict(rows, deterministic=True)[0], chosen, atol=1e-5)
    model.save(tmp_path / "model.zip")
    twin = PPO.load(tmp_path / "model.zip", aims(seen=NESTED, acts=acts))
    again, _ = twin.predict(obs, deterministic=True)
    assert isinstance(twin.action_space, FlatActions)
    np.testing.assert_allclose(twin.action_space.flatten(again), chosen, atol=1e-5)
    twin.learn(64)


@pytest.mark.thorough
def test_it_learns_what_needs_both_kinds_of_action(registered):
    options: dict[str, Any] = {"num_envs": 8, "num_steps": 64, "batch_size": 128, "hidden": (32,)}
    settings = PPOSettings(total_timesteps=15_000, learning_rate=3e-3, gamma=0.5, **options)
    run = Run.create(registered, {"agent": "ppo", "seed": 0}, None)
    last = list(train(registered, settings, run))[-1]
    chance = evaluate_policy(registered, random_policy(Aim().action_space), 50)["interval"]
    # Of each step 1 at best; one kind of action learned and the other left to chance: about 0.67.
    per_step = last.metrics["eval_return"] / last.metrics["eval_length"]
    assert per_step > 0.78 > 0.6 > chance.high / last.metrics["eval_length"]
    player = Player.load(run)
    found = evaluate_policy(registered, player.playing(), 20)
    assert found["interval"].mean / np.mean(found["lengths"]) > 0.75
    obs, _ = Aim().reset(seed=1)
    decision = player.act(obs)
    assert Aim().action_space.contains(decision.action) and decision.value is not None
    episode = Episode(registered, player)
    while not episode.step().over:
        pass
    assert Episode(registered).step().action is not None


def test_single_environments_become_rows_and_say_why_not():
    env = FlatEnv(Aim(NESTED, ACTS))
    obs, _ = env.reset(seed=0)
    assert env.observation_space.contains(obs)
    obs, *_ = env.step(env.action_space.sample())
    assert env.observation_space.contains(obs)
    learn(PPO, "MlpPolicy", Aim(NESTED, ACTS), 32, n_steps=32)
    with pytest.raises(UserError, match="MlpPolicy"):
        learn(PPO, "MultiInputPolicy", aims())
    for agent in ("a2c", "dqn", "gail"):
        with pytest.raises(UserError, match="ppo can"):
            check_agent(agent, "it", SEEN, spaces.Discrete(2))
    with pytest.raises(UserError, match=r"sac cannot play it.*ppo can"):
        check_agent("sac", "it", spaces.Box(0, 1), ACTS)

"""What PPO's fast loops may stand in for: for anything else the numbers are Stable-Baselines3's, too."""

import logging
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.distributions import CategoricalDistribution
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import ActorCriticCnnPolicy, ActorCriticPolicy
from stable_baselines3.common.torch_layers import FlattenExtractor, MlpExtractor
from stable_baselines3.common.vec_env import DummyVecEnv
from torch import nn

from agents import PPO
from agents.policies import MlpPolicy
from agents.policies.recurrent import MemoryPolicy
from sandbox.errors import UserError

OPTIONS: dict[str, Any] = {
    "n_steps": 16,
    "batch_size": 32,
    "n_epochs": 3,
    "ent_coef": 0.01,
    "seed": 5,
    "device": "cpu",
}


class Walk(gym.Env):
    """Random observations; rewards depend on the action, so that there is something to learn."""

    def __init__(self, action_space: spaces.Space, observation_space: spaces.Space) -> None:
        self.action_space, self.observation_space = action_space, observation_space

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._obs(), {}

    def step(self, action):
        reward = float(np.sum(action)) * 0.1 + self.np_random.normal()
        return self._obs(), reward, bool(self.np_random.random() < 0.05), False, {}

    def _obs(self):
        if self.observation_space.dtype == np.uint8:
            return self.np_random.integers(256, size=self.observation_space.shape, dtype=np.uint8)
        return self.np_random.uniform(-1, 1, 3).astype(np.float32)


VECTOR = spaces.Box(-1, 1, (3,), np.float32)


def walks(space: spaces.Space | None = None) -> DummyVecEnv:
    actions = space or spaces.Box(-1, 1, (2,))
    return DummyVecEnv([lambda: TimeLimit(Walk(actions, VECTOR), 7) for _ in range(4)])


def pictures() -> DummyVecEnv:
    space = spaces.Box(0, 255, (40, 36, 2), np.uint8)
    return DummyVecEnv([lambda: TimeLimit(Walk(spaces.Discrete(3), space), 7) for _ in range(4)])


def built(algorithm: Any, policy: Any = "MlpPolicy", env: Any = None, **options: Any) -> Any:
    model = algorithm(policy, walks() if env is None else env, **{**OPTIONS, **options})
    model.set_logger(Logger(None, []))
    return model


def assert_equal(ours: Any, theirs: Any, tolerance: float = 1e-5) -> None:
    mine, stock = ours.policy.state_dict(), theirs.policy.state_dict()
    assert list(mine) == list(stock)
    for name, value in mine.items():
        assert torch.allclose(value, stock[name], atol=tolerance, rtol=0), name
    assert ours._n_updates == theirs._n_updates


def pair(teach: Callable[[Any], Any]) -> tuple[Any, Any]:
    """What becomes of our PPO and of stock, one after the other: they draw from the same generators."""
    return teach(PPO), teach(stable_baselines3.PPO)


def both(change: Callable[[Any], None], env: Callable[[], Any] = walks, **options: Any) -> tuple[Any, Any]:
    """Our PPO and stock, learned, changed, and learned again."""

    def teach(algorithm: Any) -> Any:
        model = built(algorithm, env=env(), **options).learn(64)
        change(model)
        return model.learn(128, reset_num_timesteps=False)

    return pair(teach)


def freeze_actor(model):
    model.policy.mlp_extractor.policy_net.requires_grad_(False)


def freeze_one(model):
    model.policy.value_net.bias.requires_grad_(False)


def freeze_log_std(model):
    model.policy.log_std.requires_grad_(False)


def freeze_and_thaw(model):
    freeze_actor(model)
    model.learn(64, reset_num_timesteps=False)
    model.policy.requires_grad_(True)


def train_a_part(model):
    model.policy.optimizer = torch.optim.Adam(model.policy.action_net.parameters(), lr=1e-3)


def leave_out_with_a_new_group(model):
    kept = [p for n, p in model.policy.named_parameters() if not n.startswith("value_net")]
    model.policy.optimizer = torch.optim.SGD(kept, lr=1e-2, momentum=0.9)


def new_data(model):
    generator = torch.Generator().manual_seed(1)
    for layer in (model.policy.action_net, *list(model.policy.mlp_extractor.value_net)[2:3]):
        layer.weight.data = 0.1 * torch.randn(layer.weight.shape, generator=generator)


def new_layer(model):
    torch.manual_seed(3)
    model.policy.action_net = nn.Linear(64, 2)


def new_layer_in_the_optimizer(model):
    new_layer(model)
    model.policy.optimizer = torch.optim.Adam(model.policy.parameters(), lr=1e-3, eps=1e-5)


def other_activation(model):
    model.policy.mlp_extractor.policy_net[1] = nn.ReLU()
    model.policy.mlp_extractor.value_net[1] = nn.ReLU()


def swap_layers(model):
    nets = model.policy.mlp_extractor
    nets.policy_net, nets.value_net = nets.value_net, nets.policy_net


def patch_forward(model):
    stock = model.policy.forward
    model.policy.forward = lambda obs, deterministic=False: stock(0.5 * obs, deterministic)


def patch_evaluate(model):
    stock = model.policy.evaluate_actions
    model.policy.evaluate_actions = lambda obs, actions: stock(0.5 * obs, actions)


def patch_extractor(model):
    extractor = model.policy.mlp_extractor
    extractor.forward_critic = lambda features: extractor.value_net(0.5 * features)


def patch_distribution(model):
    distribution = model.policy.action_dist
    stock = distribution.entropy
    distribution.entropy = lambda: 2 * stock()


def hook_forward(model):
    model.policy.mlp_extractor.register_forward_hook(lambda m, a, out: (0.5 * out[0], out[1]))


def hook_deep(model):
    model.policy.mlp_extractor.value_net[0].register_forward_pre_hook(lambda m, a: (0.5 * a[0],))


def hook_gradient(model):
    model.policy.action_net.weight.register_hook(lambda grad: 0.1 * grad)


def hook_backward(model):
    model.policy.value_net.register_full_backward_hook(lambda m, into, out: (0.1 * into[0],))


def hook_optimizer(model):
    def halve(optimizer, args, kwargs):
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad.mul_(0.1)

    model.policy.optimizer.register_step_pre_hook(halve)


def decay_weights(model):
    model.policy.optimizer.param_groups[0]["weight_decay"] = 1.0


def schedule_optimizer(model):
    model.scheduler = torch.optim.lr_scheduler.LambdaLR(model.policy.optimizer, lambda i: 1.0)


def parametrize(model):
    torch.nn.utils.parametrizations.weight_norm(model.policy.action_net)


def own_part(model):
    # Its weights have no gradient and must not decay.
    model.policy.extra = nn.Linear(2, 2)
    model.policy.optimizer = torch.optim.AdamW(model.policy.parameters(), lr=1e-3, weight_decay=0.5)


def count_with_torch(model):
    """A step of torch's own optimizer in between."""
    for p in model.policy.parameters():
        p.grad = torch.ones_like(p)
    model.policy.optimizer.step()


SLOW = {
    freeze_actor: "mlp_extractor.policy_net.0.weight is frozen",
    freeze_one: "value_net.bias is frozen",
    freeze_log_std: "log_std is frozen",
    train_a_part: "the optimizer leaves out log_std",
    leave_out_with_a_new_group: "the optimizer leaves out value_net.weight",
    new_layer: "the optimizer leaves out action_net.weight",
    patch_forward: "forward of the policy is replaced",
    patch_evaluate: "evaluate_actions of the policy is replaced",
    patch_extractor: "forward_critic of mlp_extractor is replaced",
    patch_distribution: "entropy of the action distribution is replaced",
    hook_forward: "mlp_extractor has hooks",
    hook_deep: "mlp_extractor.value_net.0 has hooks",
    hook_gradient: "action_net.weight has a hook on its gradient",
    hook_backward: "value_net has hooks",
    hook_optimizer: "the optimizer has hooks",
    schedule_optimizer: "the optimizer's step is replaced",
    parametrize: "action_net is a ParametrizedLinear",
    own_part: "the policy has a part of its own, extra",
}
FAST = [
    freeze_and_thaw,
    new_data,
    new_layer_in_the_optimizer,
    other_activation,
    swap_layers,
    decay_weights,
    count_with_torch,
]


@pytest.mark.parametrize("change", SLOW, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step")
def test_what_is_not_stock_is_left_to_stock(change):
    ours, theirs = both(change)
    assert_equal(ours, theirs)
    assert ours.slow_because == SLOW[change]


@pytest.mark.parametrize("change", FAST, ids=lambda f: f.__name__)
def test_what_was_replaced_by_its_like_is_trained_fast(change):
    ours, theirs = both(change)
    assert_equal(ours, theirs)
    assert ours.slow_because is None


@pytest.mark.parametrize("change", [freeze_one, train_a_part, new_data, hook_gradient])
def test_a_cnn_is_looked_at_in_the_same_way(change):
    ours, theirs = both(change, pictures, policy="CnnPolicy", n_steps=8)
    assert_equal(ours, theirs)
    expected = "the optimizer leaves out features_extractor.cnn.0.weight" if change is train_a_part else None
    assert ours.slow_because == (None if change is new_data else expected or SLOW[change])


def test_layers_frozen_before_the_first_learn_do_not_move():
    def teach(algorithm: Any) -> Any:
        model = built(algorithm)
        freeze_actor(model)
        before = model.policy.mlp_extractor.policy_net[0].weight.clone()
        model.learn(128)
        assert torch.equal(model.policy.mlp_extractor.policy_net[0].weight, before)
        return model

    assert_equal(*pair(teach))


def test_a_callback_may_freeze_while_it_learns():
    class Freeze(BaseCallback):
        def _on_step(self) -> bool:
            return True

        def _on_rollout_start(self) -> None:
            if self.num_timesteps >= 64:
                new_data(self.model)

        def _on_rollout_end(self) -> None:
            self.model.policy.action_net.requires_grad_(self.num_timesteps != 128)  # pyright: ignore[reportAttributeAccessIssue]

    assert_equal(*pair(lambda algorithm: built(algorithm).learn(256, callback=Freeze())))


class OwnFeatures(ActorCriticPolicy):
    def extract_features(self, obs: Any, features_extractor: Any = None) -> Any:
        return super().extract_features(0.5 * obs, features_extractor)


class OwnValues(MlpPolicy):
    def predict_values(self, obs):
        return 0.5 * super().predict_values(obs)


class Halving(MlpExtractor):
    def forward_actor(self, features):
        return self.policy_net(0.5 * features)


class OwnExtractor(ActorCriticPolicy):
    def _build_mlp_extractor(self) -> None:
        self.mlp_extractor = Halving(self.features_dim, [16], nn.Tanh, self.device)


class Warm(CategoricalDistribution):
    def proba_distribution(self, action_logits):
        return super().proba_distribution(0.5 * action_logits)


class OwnDistribution(ActorCriticPolicy):
    def _build(self, lr_schedule) -> None:
        assert isinstance(self.action_space, spaces.Discrete)
        self.action_dist = Warm(int(self.action_space.n))
        super()._build(lr_schedule)


class Doubling(FlattenExtractor):
    def forward(self, observations):
        return 2 * super().forward(observations)


class OwnExtractorClass(ActorCriticPolicy):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, features_extractor_class=Doubling, **options)


class OwnAdam(torch.optim.Adam):
    def step(self, closure=None):  # pyright: ignore[reportIncompatibleMethodOverride]
        for group in self.param_groups:
            for p in group["params"]:
                p.grad.mul_(-1)
        return super().step(closure)


class OwnOptimizer(ActorCriticPolicy):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, optimizer_class=OwnAdam, **options)


OWN = {
    OwnFeatures: "OwnFeatures overrides extract_features",
    OwnValues: "OwnValues overrides predict_values",
    OwnExtractor: "mlp_extractor is a Halving",
    OwnDistribution: "the action distribution is a Warm",
    OwnExtractorClass: "features_extractor is a Doubling",
    OwnOptimizer: "the optimizer is a OwnAdam",
}


@pytest.mark.parametrize("policy", OWN)
def test_policies_of_ones_own_are_left_to_stock(policy):
    models = pair(lambda algorithm: built(algorithm, policy, walks(spaces.Discrete(3))).learn(192))
    assert_equal(*models)
    assert models[0].slow_because == OWN[policy]


def test_a_subclass_that_only_builds_another_network_stays_fast():
    class Deep(ActorCriticPolicy):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, net_arch=[8, 8, 8], **options)

        def describe(self) -> str:
            return "deep"

    models = pair(lambda algorithm: built(algorithm, Deep).learn(192))
    assert_equal(*models)
    assert models[0].slow_because is None


def test_stock_hooks_on_all_modules_are_called():
    calls = []
    ours = built(PPO).learn(64)
    handle = nn.modules.module.register_module_forward_hook(lambda m, a, out: calls.append(type(m)))
    try:
        ours.learn(64, reset_num_timesteps=False)
    finally:
        handle.remove()
    assert nn.Tanh in calls


def test_the_log_says_once_per_learn_why_it_is_slow(caplog, capsys):
    model = PPO("MlpPolicy", walks(), verbose=1, **OPTIONS)
    with caplog.at_level(logging.INFO, "agents.ppo"):
        model.learn(128)
        assert not caplog.records and model.slow_because is None
        freeze_one(model)
        model.learn(128)
        model.learn(128)
    line = "PPO runs Stable-Baselines3's own loops, which are slower: value_net.bias is frozen."
    assert [record.getMessage() for record in caplog.records] == [line, line]
    assert capsys.readouterr().out.count(line) == 2


class OwnBuffer(RolloutBuffer):
    def compute_returns_and_advantage(self, last_values, dones):
        super().compute_returns_and_advantage(0 * last_values, dones)


def patch_buffer(model):
    buffer = model.rollout_buffer
    stock = buffer.compute_returns_and_advantage
    buffer.compute_returns_and_advantage = lambda last_values, dones: stock(0 * last_values, dones)


def test_rollout_buffers_of_ones_own_are_used():
    options = {"rollout_buffer_class": OwnBuffer}
    models = pair(lambda algorithm: built(algorithm, **options).learn(192))
    assert_equal(*models)
    assert models[0].slow_because == "the rollout buffer is a OwnBuffer"
    ours, theirs = both(patch_buffer)
    assert_equal(ours, theirs)
    assert ours.slow_because == "compute_returns_and_advantage of the rollout buffer is replaced"


def test_discounts_are_those_of_the_buffer():
    def change(model):
        model.rollout_buffer.gae_lambda, model.gae_lambda, model.gamma = 0.5, 0.1, 0.9

    ours, theirs = both(change)
    assert_equal(ours, theirs)
    assert ours.slow_because is None


def advantages(buffer):
    buffer.advantages = 3 * buffer.advantages + 1


def advantages_in_place(buffer):
    buffer.advantages[:] = np.arange(buffer.advantages.size).reshape(buffer.advantages.shape)


def returns_and_values(buffer):
    buffer.returns, buffer.values = (0.5 * buffer.returns).astype(np.float64), buffer.values + 1


def actions(buffer):
    buffer.actions = np.zeros_like(buffer.actions)


def observations(buffer):
    buffer.observations = 0.5 * buffer.observations


def already_read(buffer):
    list(buffer.get(32))


CHANGES = {
    advantages: None,
    advantages_in_place: None,
    returns_and_values: None,
    actions: "the rollout buffer holds something else than was collected here",
    observations: "the rollout buffer holds something else than was collected here",
    already_read: "the rollout buffer holds something else than was collected here",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
def test_what_a_callback_puts_into_the_buffer_is_learned_from(change):
    class Change(BaseCallback):
        def _on_step(self) -> bool:
            return True

        def _on_rollout_end(self) -> None:
            change(self.model.rollout_buffer)  # pyright: ignore[reportAttributeAccessIssue]

    options = {"clip_range_vf": 0.1, "normalize_advantage": False}
    models = pair(lambda algorithm: built(algorithm, **options).learn(192, callback=Change()))
    assert_equal(*models)
    assert models[0].slow_because == CHANGES[change]
    mine, stock = (model.logger.name_to_value["train/explained_variance"] for model in models)
    assert mine == pytest.approx(stock, abs=1e-3)


def test_subclasses_that_train_or_collect_themselves_are_called():
    def subclass(algorithm: Any) -> Any:
        class Own(algorithm):
            def train(self) -> None:
                self.rollout_buffer.advantages = 2 * self.rollout_buffer.advantages
                super().train()

            def collect_rollouts(self, env, callback, rollout_buffer, n_rollout_steps):
                done = super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)
                rollout_buffer.returns[:] *= 0.5
                return done

        return Own

    models = pair(lambda algorithm: built(subclass(algorithm), normalize_advantage=False).learn(192))
    assert_equal(*models)
    assert models[0].slow_because is None


def test_a_subclass_that_collects_all_by_itself_learns_from_its_own_buffer():
    class Own(PPO):
        collect_rollouts = stable_baselines3.PPO.collect_rollouts

    models = [built(Own).learn(192), built(stable_baselines3.PPO).learn(192)]
    assert_equal(*models)
    assert models[0].slow_because == "the rollout buffer holds something else than was collected here"


def test_a_network_of_the_nature_paper_is_trained_fast():
    models = pair(lambda algorithm: built(algorithm, "CnnPolicy", pictures(), n_steps=8).learn(96))
    assert models[0].slow_because is None
    assert type(models[0].policy) is ActorCriticCnnPolicy
    assert_equal(*models)


def memory_model(**options: Any) -> PPO:
    network = {"net_arch": [8], "kind": "rnn", "memory": 4}
    return built(PPO, MemoryPolicy, walks(), policy_kwargs=network, **options)


def test_a_memory_may_be_frozen_in_parts():
    model = memory_model()
    freeze_log_std(model)
    model.learn(64)
    freeze_actor(model)
    frozen = {n: p.clone() for n, p in model.policy.named_parameters() if not p.requires_grad}
    moving = {n: p.clone() for n, p in model.policy.named_parameters() if p.requires_grad}
    model.learn(64)
    now = dict(model.policy.named_parameters())
    assert len(frozen) == 3 and all(torch.equal(now[n], p) for n, p in frozen.items())
    assert all(not torch.equal(now[n], p) for n, p in moving.items())


def test_a_memory_that_only_stock_could_train_is_refused():
    model = memory_model()
    hook_gradient(model)
    with pytest.raises(UserError, match=r"with a memory is trained .* but action_net.weight has a hook"):
        model.learn(64)

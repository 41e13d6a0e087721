"""Forbidden actions: never drawn, without weight in entropy and gradients, for every kind of policy."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack, VecNormalize
from torch.distributions import Categorical

from agents import PPO, make_vec_env
from agents.action_masks import has_masks, masks_of
from agents.evaluate import evaluate_policy, random_policy
from agents.player import Player
from agents.policies import BlockCnnPolicy, MlpPolicy
from agents.policies.action_heads import CategoricalHead, MultiCategoricalHead, masked
from agents.policies.recurrent import KINDS, MemoryPolicy, Sequences
from agents.ppo.minibatches import samples_of
from agents.ppo.update import Hyperparameters, Losses, gradients
from agents.settings import PPOSettings
from agents.train import train
from agents.train_seeds import train_together
from agents.viewing.episode import Episode
from sandbox.errors import UserError
from sandbox.runs import Run

FILE = '''
"""What is allowed changes with the count; anything else is a foul."""
import numpy as np
from gymnasium import spaces
from envs.engine.environment import Environment

STATE = np.dtype([("count", "i8"), ("fouls", "i8")])


def allowed(count, action):
    return count // 2**action % 2 == 1 or (action == 0 and count == 0)


def reset(state, params):
    pass


def step(state, action, params):
    if not allowed(state.count, action):
        state.fouls += 1
    state.count = (state.count + 1 + action) % 8
    return float(action), False


def observe(state, params, obs):
    obs[state.count] = 1.0


def mask(state, params, out):
    for action in range(3):
        out[action] = allowed(state.count, action)


def draw(state, params, canvas):
    canvas.rect(0, 0, 10, 10, "ink")


ENV = Environment(
    id="test/{name}-v0", state=STATE, params={{}}, reset=reset, step=step, observe=observe, draw=draw,
    mask=mask,
    observation_space=spaces.Box(0.0, 1.0, (8,), np.float32), action_space=spaces.Discrete(3),
    max_episode_steps=9, info=("fouls",), action_names=("one", "two", "three"),
)
'''


class Guarded(gym.Env):
    """Forbids some of five options at random, and does not take them."""

    def __init__(self, pictures: bool = False, several: bool = False):
        shape = (5, 5, 1) if pictures else (3,)
        self.observation_space = spaces.Box(-1, 1, shape, np.float32)
        self.action_space = spaces.MultiDiscrete([2, 3]) if several else spaces.Discrete(5)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._next(), {}

    def step(self, action):
        options = [action[0], 2 + action[1]] if self.action_space.shape else action
        assert self.mask[options].all(), "a forbidden action was taken"
        return self._next(), float(np.sum(action)), bool(self.np_random.random() < 0.1), False, {}

    def action_masks(self):
        return self.mask

    def _next(self):
        self.mask = self.np_random.random(5) < 0.4
        self.mask[[self.np_random.integers(2), 2 + self.np_random.integers(3)]] = True
        return self.np_random.uniform(-1, 1, self.observation_space.shape).astype(np.float32)


POLICIES = {"mlp": MlpPolicy, "cnn": BlockCnnPolicy} | dict.fromkeys(KINDS, MemoryPolicy)


def guarded(kind: str, several: bool = False, **options) -> PPO:
    network = {"kind": kind, "memory": 8} if kind in KINDS else {}
    envs = DummyVecEnv([lambda: TimeLimit(Guarded(kind == "cnn", several), 7)] * 6)
    options = {"n_steps": 12, "batch_size": 24, "n_epochs": 2, "seed": 3, "device": "cpu", **options}
    model = PPO(POLICIES[kind], envs, policy_kwargs=network, **options)
    model.set_logger(Logger(None, []))
    return model


@pytest.fixture
def environment_file(tmp_path):
    name = f"masked_{tmp_path.name.replace('-', '_')}"
    path = tmp_path / f"{name}.py"
    path.write_text(FILE.format(name=name).lstrip())
    return str(path)


@pytest.mark.parametrize("sizes", [[6], [2, 4]], ids=["one", "several"])
def test_what_is_left_is_a_plain_categorical_over_masked_logits(sizes):
    torch.manual_seed(0)
    logits = torch.randn(50, 6, requires_grad=True)
    masks = torch.rand(50, 6) < 0.5
    masks[:, [0, 5]] = True
    head = CategoricalHead() if sizes == [6] else MultiCategoricalHead(sizes)
    outputs = masked(logits.detach(), masks)
    actions = head.sample(outputs)
    log_prob, entropy, saved = head.evaluate(outputs, actions)
    parts = torch.where(masks, logits, -torch.inf).split(sizes, 1)
    plain = [Categorical(probs=torch.softmax(part, 1)) for part in parts]
    chosen = actions.view(50, -1).unbind(1)
    expected = torch.stack([one.log_prob(a) for one, a in zip(plain, chosen, strict=True)]).sum(0)
    torch.testing.assert_close(log_prob, expected, atol=1e-6, rtol=0)
    uncertain = torch.stack([one.entropy() for one in plain]).sum(0)
    torch.testing.assert_close(entropy, uncertain, atol=1e-5, rtol=0)
    weights = torch.randn(50)
    again = torch.where(masks, logits, -1e8).split(sizes, 1)
    twins = [Categorical(logits=part) for part in again]
    pairs = zip(twins, chosen, strict=True)
    losses = [(one.log_prob(a) * weights).sum() + 0.3 * one.entropy().sum() for one, a in pairs]
    torch.stack(losses).sum().backward()
    found = head.backward(saved, weights, 0.3)
    torch.testing.assert_close(found, logits.grad, atol=1e-6, rtol=0)
    assert (found[~masks] == 0).all()
    best = head.best(outputs).view(50, -1)
    expected_best = torch.stack([part.argmax(1) for part in parts], 1)
    assert (best == expected_best).all()


def test_forbidden_actions_are_never_drawn():
    masks = torch.zeros(20_000, 4, dtype=torch.bool)
    masks[:, 2] = True
    masks[::2, 1] = True
    outputs = masked(torch.tensor([80.0, -60.0, 0.0, 50.0]).expand(20_000, 4), masks)
    assert masks.gather(1, CategoricalHead().sample(outputs)[:, None]).all()
    masks = torch.ones(5, 4, dtype=torch.bool)
    assert masked(outputs[:5], None) is not None and (masked(outputs[:5], masks) == outputs[:5]).all()


@pytest.mark.parametrize("several", [False, True], ids=["one", "several"])
@pytest.mark.parametrize("kind", POLICIES)
def test_no_policy_takes_a_forbidden_action(kind, several):
    model = guarded(kind, several)
    model.learn(144)  # the environment would have failed
    assert model.slow_because is None
    rollout = model._rollout
    assert rollout is not None and rollout.masks is not None
    assert np.isfinite(model.logger.name_to_value["train/clip_fraction"])
    assert all(torch.isfinite(parameter).all() for parameter in model.policy.parameters())


@pytest.mark.parametrize("kind", POLICIES)
def test_the_update_is_autograds_of_the_masked_policy(kind):
    model = guarded(kind, ent_coef=0.05, n_epochs=1, learning_rate=0.0)
    model.learn(72)
    machine, rollout, policy = model._machine, model._rollout, model.policy
    assert machine is not None and rollout is not None
    batch = next(samples_of(rollout, machine.backbone, 24, model.device).epoch())
    hyper = Hyperparameters(
        batch_size=24, n_epochs=1, clip_range=0.2, clip_range_vf=None, normalize_advantage=False,
        ent_coef=0.05, vf_coef=0.5, max_grad_norm=0.5, target_kl=None,
    )  # fmt: skip
    with torch.no_grad():
        gradients(machine, batch, hyper, Losses())
    found = [p.grad.clone() for p in policy.parameters() if p.grad is not None]
    if isinstance(policy, MemoryPolicy):
        assert isinstance(batch.obs, Sequences)
        outputs, values, _ = policy.run(batch.obs.obs, batch.obs.memory, batch.obs.starts)
        outputs, values = outputs.flatten(0, 1), values.flatten()
    else:
        assert isinstance(batch.obs, torch.Tensor)
        latent_pi, latent_vf = policy.mlp_extractor(policy.extract_features(batch.obs))
        outputs, values = policy.action_net(latent_pi), policy.value_net(latent_vf)[:, 0]
    assert batch.masks is not None and not batch.masks.all()
    plain = Categorical(logits=torch.where(batch.masks, outputs, -1e8))
    # Nothing was learned yet: what was drawn has the probability that it was drawn with.
    torch.testing.assert_close(plain.log_prob(batch.actions), batch.old_log_prob, atol=1e-5, rtol=0)
    ratio = (plain.log_prob(batch.actions) - batch.old_log_prob).exp()
    loss = -(ratio * batch.advantages).mean() - 0.05 * plain.entropy().mean()
    loss = loss + 0.5 * (values - batch.returns).square().mean()
    wanted = torch.autograd.grad(loss, [p for p in policy.parameters() if p.grad is not None])
    for mine, stock in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine, stock, atol=2e-6, rtol=1e-4)


@pytest.mark.thorough
def test_a_compiled_batch_learns_what_single_environments_learn(environment_file):
    def learned(env, policy: Any = "MlpPolicy", **options):
        model = PPO(policy, env, n_steps=16, batch_size=32, seed=1, device="cpu", policy_kwargs=options)
        model.learn(384)
        assert model.slow_because is None
        return model

    ours = learned(make_vec_env(environment_file, 4, seed=1))
    theirs = learned(make_vec_env(environment_file, 4, seed=1, vec_env_cls=DummyVecEnv))
    for mine, stock in zip(ours.policy.parameters(), theirs.policy.parameters(), strict=True):
        torch.testing.assert_close(mine, stock, atol=1e-6, rtol=0)
    stacked = VecFrameStack(VecNormalize(make_vec_env(environment_file, 4, seed=1)), 2)
    assert has_masks(stacked)
    memory = learned(make_vec_env(environment_file, 4, seed=1), MemoryPolicy, kind="lstm", memory=8)
    for model in (ours, theirs, learned(stacked), memory):
        env = model.get_env()
        assert env is not None and sum(env.get_attr("fouls")) == 0
    env = make_vec_env(environment_file, 4, seed=1)
    single = make_vec_env(environment_file, 4, seed=1, vec_env_cls=DummyVecEnv)
    env.reset()
    single.reset()
    ended = 0
    for _ in range(20):
        actions = [np.flatnonzero(mask)[-1] for mask in masks_of(env)]
        assert (masks_of(env) == masks_of(single)).all()
        infos, expected = env.step(np.array(actions))[3], single.step(np.array(actions))[3]
        for mine, stock in zip(infos, expected, strict=True):
            assert (mine["action_mask"] == stock["action_mask"]).all()
            assert mine["action_mask"].dtype == np.int8
            ended += "episode" in mine
        if any("episode" in info for info in infos):
            fresh = np.stack([info["action_mask"] for info in env.reset_infos])
            assert (fresh == masks_of(env)).all()
    assert ended == 8


@pytest.mark.thorough
def test_whole_trainings_evaluate_play_and_show_within_what_is_allowed(environment_file):
    settings = PPOSettings(
        total_timesteps=2048,
        num_envs=8,
        hidden=(8,),
        policy="lstm",
        memory=8,
        final_episodes=5,
    )
    run = Run.create(environment_file, {"agent": "ppo", "seed": 0}, None)
    last = list(train(environment_file, settings, run))[-1]
    best = {0: 0, 1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 2}
    assert last.metrics["eval_return"] <= 9 * max(best.values())
    player = Player.load(run)
    for policy in (player.playing(), player.playing(deterministic=False), random_policy(player.action_space)):
        watch = _Watched(policy)
        evaluate_policy(environment_file, watch, 10)
        assert watch.steps == 90 and watch.fouls == 0
    obs = np.eye(8, dtype=np.float32)[4]
    only_two = np.array([False, False, True])
    decision = player.act(obs, mask=only_two)
    assert decision.action == 2 and decision.probabilities is not None
    assert decision.probabilities.tolist() == [0, 0, 1]
    for control in ("agent", "random"):
        episode = Episode(environment_file, player, control=control)
        while not episode.step().over:
            decision = episode.moment.decision
            if decision is not None:
                assert decision.allowed is not None and decision.allowed[decision.action]
                assert decision.probabilities is not None
                assert (decision.probabilities[~decision.allowed] == 0).all()
        assert episode.moment.info["fouls"] == 0


class _Watched:
    heeds_masks = True

    def __init__(self, policy):
        self.policy, self.steps, self.fouls = policy, 0, 0

    def __call__(self, obs, masks):
        actions = self.policy(obs, masks)
        self.steps += len(obs)
        self.fouls += int((~masks[np.arange(len(obs)), actions]).sum())
        return actions

    def keep(self, going):
        if hasattr(self.policy, "keep"):
            self.policy.keep(going)


@pytest.mark.thorough
def test_several_seeds_together_heed_them_as_each_alone(environment_file, monkeypatch):
    settings = PPOSettings(total_timesteps=1024, num_envs=4, num_steps=16, batch_size=32, hidden=(8,))
    together = [Run.create(environment_file, {"agent": "ppo", "seed": seed}, None) for seed in (0, 1)]
    list(train_together(environment_file, settings, together))
    for seed, run in enumerate(together):
        alone = Run.create(environment_file, {"agent": "ppo", "seed": seed}, None)
        list(train(environment_file, settings, alone))
        mine, _ = run.load_model(None)
        for name, value in alone.load_model(None)[0].items():
            torch.testing.assert_close(mine[name], value, atol=1e-5, rtol=0)


def test_predict_takes_masks_as_maskable_ppo_does():
    for kind in ("mlp", "lstm"):
        model = guarded(kind)
        masks = np.eye(5, dtype=bool)
        actions, state = model.predict(np.zeros((5, 3), np.float32), action_masks=masks)
        assert actions.tolist() == [0, 1, 2, 3, 4]
        assert model.predict(np.zeros(3, np.float32), action_masks=masks[3])[0] == 3
        assert (state is None) == (kind == "mlp")
        model.learn(72)
        assert model.slow_because is None


def test_loops_that_know_nothing_of_masks_are_refused():
    class Own(RolloutBuffer):
        pass

    with pytest.raises(UserError, match="forbids actions"):
        guarded("mlp", rollout_buffer_class=Own).learn(72)


@pytest.mark.parametrize(
    ("mask", "sentence"), [(np.ones(4), "must return 5 bools"), (np.zeros(5), "everything")]
)
def test_a_wrong_mask_is_told(monkeypatch, mask, sentence):
    monkeypatch.setattr(Guarded, "action_masks", lambda self: mask)
    with pytest.raises(UserError, match=sentence):
        guarded("mlp").learn(72)

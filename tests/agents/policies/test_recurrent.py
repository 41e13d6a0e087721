"""Policies that remember: what they hold, that updates see what was played, and that they need it."""

import dataclasses

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit
from stable_baselines3.common.vec_env import DummyVecEnv

from agents import PPO
from agents.evaluate import evaluate, evaluate_policy
from agents.export import export
from agents.player import Player
from agents.policies.recurrent import KINDS, MemoryBackbone, MemoryPolicy, Sequences
from agents.ppo.minibatches import SequenceSamples, samples_of
from agents.settings import AgentSettings, PPOSettings, settings_for
from agents.train import train
from agents.training.policy_choice import policy_of
from agents.viewing.episode import Episode
from sandbox.errors import UserError
from sandbox.runs import Run


class Recall(gym.Env):
    """A number is shown once and asked for some steps later: a guess, without a memory."""

    observation_space = spaces.Box(-1, 1, (2,), np.float32)
    action_space = spaces.Discrete(2)
    delay = 4

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.shown, self.t = int(self.np_random.integers(2)), 0
        return np.array([2 * self.shown - 1, 0], np.float32), {}

    def step(self, action):
        self.t += 1
        last = self.t == self.delay
        reward = float(last and action == self.shown)
        return np.array([0, self.t == self.delay - 1], np.float32), reward, last, False, {}


class Noise(gym.Env):
    """Random observations; episodes end at random."""

    observation_space = spaces.Box(-1, 1, (3,), np.float32)
    action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._obs(), {}

    def step(self, action):
        return self._obs(), float(self.np_random.normal()), bool(self.np_random.random() < 0.1), False, {}

    def _obs(self):
        return self.np_random.uniform(-1, 1, 3).astype(np.float32)


def ppo(env: type[gym.Env], kind: str, limit: int = 7, **options) -> PPO:
    options = {"n_steps": 16, "batch_size": 64, "seed": 0, "device": "cpu", **options}
    network = {"net_arch": [16], **({} if kind == "mlp" else {"kind": kind, "memory": 8})}
    policy = "MlpPolicy" if kind == "mlp" else MemoryPolicy
    envs = DummyVecEnv([lambda: TimeLimit(env(), limit)] * 8)
    return PPO(policy, envs, policy_kwargs=network, **options)


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "right"), [("rnn", True), ("lstm", True), ("mlp", False)])
def test_only_a_memory_recalls_what_was_shown(kind, right):
    model = ppo(Recall, kind, learning_rate=0.01, n_epochs=8, gamma=0.9)
    model.learn(4096)
    envs = model.get_env()
    assert envs is not None
    obs, state, starts, rewards = envs.reset(), None, np.ones(8, bool), []
    for _ in range(25 * Recall.delay):
        actions, state = model.predict(obs, state, starts, deterministic=True)  # pyright: ignore[reportArgumentType]
        obs, reward, starts, _ = envs.step(actions)
        rewards += reward[starts].tolist()
    assert len(rewards) == 200
    assert (np.mean(rewards) > 0.99) if right else (0.35 < np.mean(rewards) < 0.65)


@pytest.mark.parametrize("dtype", [bool, int, float, np.float32])
def test_starts_of_episodes_come_as_flags_or_numbers(dtype):
    model = ppo(Noise, "rnn")
    obs = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    _, held = model.predict(obs)
    begun = np.array([1, 0, 0, 1, 0, 0, 0, 1])
    _, after = model.predict(obs, held, begun.astype(dtype), deterministic=True)
    _, kept = model.predict(obs, held, deterministic=True)
    assert held is not None and after is not None and kept is not None
    np.testing.assert_array_equal(after[0][begun == 0], kept[0][begun == 0])
    np.testing.assert_allclose(after[0][begun == 1], held[0][begun == 1], atol=1e-6)  # as from the start
    for everywhere in (dtype(1), np.ones(8, dtype), np.ones(1, dtype)):
        _, again = model.predict(obs, held, everywhere)  # pyright: ignore[reportArgumentType]
        assert again is not None
        np.testing.assert_allclose(again[0], held[0], atol=1e-6)
    single = tuple(part[:1] for part in held)
    _, one = model.predict(obs[0], single, dtype(1))  # pyright: ignore[reportArgumentType]
    assert one is not None
    np.testing.assert_allclose(one[0], held[0][:1], atol=1e-6)
    with pytest.raises(ValueError, match="episode_start has 3 flags for 8 observations"):
        model.predict(obs, held, np.ones(3))


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_sees_what_was_held_while_playing(kind):
    model = ppo(Noise, kind)
    model.learn(3 * 16 * 8)  # the third rollout begins in the middle of episodes
    rollout, machine = model._rollout, model._machine
    assert rollout is not None and machine is not None and rollout.memory is not None
    assert isinstance(machine.backbone, MemoryBackbone)
    assert rollout.dones.any() and rollout.bootstraps and rollout.memory.any()
    # An update has changed the policy since: play the same actions again and compare with the pieces.
    memory, outputs, values = rollout.memory, [], []
    with torch.no_grad():
        for t in range(16):
            out, value, memory = machine.backbone.act(rollout.obs[t], memory)
            memory = memory.masked_fill(rollout.dones[t][:, None], 0.0)
            outputs.append(out)
            values.append(value)
        rollout.log_probs = torch.stack(outputs)[..., 0]  # a number that tells which sample it is
        rollout.values[:-1] = torch.stack(values)
        samples = samples_of(rollout, machine.backbone, 32, torch.device("cpu"))
        assert isinstance(samples, SequenceSamples)
        minibatches = list(samples.epoch())
        assert len(minibatches) == 4  # of two environments, 16 steps each
        for minibatch in minibatches:
            assert isinstance(minibatch.obs, Sequences)
            again, value = machine.backbone.forward(minibatch.obs)
            torch.testing.assert_close(again[:, 0], minibatch.old_log_prob, atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(value, minibatch.old_values, atol=1e-5, rtol=1e-5)
    assert sorted(torch.cat([m.returns for m in minibatches])) == sorted(rollout.returns.flatten())


def test_a_truncated_episode_is_valued_with_what_was_held_at_its_end():
    model = ppo(Noise, "lstm", gamma=0.5)
    model._setup_learn(1000)
    assert model.env is not None and isinstance(model.policy, MemoryPolicy)
    raw = []
    step = model.env.step_wait
    model.env.step_wait = lambda: raw.append(step()) or raw[-1]
    _, callback = model._setup_learn(1000)
    model.collect_rollouts(model.env, callback, model.rollout_buffer, 16)
    rollout = model._rollout
    assert rollout is not None
    t, envs, final_obs = rollout.bootstraps[0]
    env = int(envs[0])
    begin = int(rollout.dones[:t, env].nonzero().max() + 1) if rollout.dones[:t, env].any() else 0
    seen = torch.cat([rollout.obs[begin : t + 1, env], torch.from_numpy(final_obs[:1])])
    with torch.no_grad():
        _, values, _ = model.policy.run(seen[None], model.policy.nothing(1))
    reward = float(raw[t][1][env])
    assert rollout.rewards[t, env].item() == pytest.approx(reward + 0.5 * values[0, -1].item(), abs=1e-5)


@pytest.fixture(scope="module")
def maze(tmp_path_factory):
    """A run of an LSTM in the smallest mazes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_RUNS", str(tmp_path_factory.mktemp("runs")))
        yield trained("maze", policy="lstm", params=SMALL)


SMALL = {"rooms": 2.0, "horizon": 30.0}


def short(target: str, **changes) -> AgentSettings:
    usual = {"num_envs": 8, "num_steps": 16, "eval_episodes": 2, "final_episodes": 4}
    usual |= {"total_timesteps": 128 * 10, "eval_every": 128 * 4, "stop_when_solved": False}
    return dataclasses.replace(settings_for(target), **{**usual, **changes})


def trained(target: str, **changes) -> Run:
    run = Run.create(target, {"seed": 3, "threads": 1})
    for _ in train(target, short(target, **changes), run):
        pass
    return run


def chances(episode: Episode) -> list[float]:
    decision = episode.moment.decision
    assert decision is not None and decision.probabilities is not None
    return decision.probabilities.tolist()


@pytest.mark.thorough
def test_a_player_remembers_within_an_episode_and_forgets_after_it(maze):
    player = Player.load(maze)
    assert player.remembers
    episode = Episode("maze", player, seed=1, params=player.params)
    decided = []
    for _ in range(5):
        decided.append(chances(episode))
        episode.step(action=1)
    unaware = player.act(episode.moment.obs).probabilities
    assert unaware is not None and not np.allclose(chances(episode), unaware, atol=1e-7)
    for expected in reversed(decided):
        assert episode.back()
        assert chances(episode) == expected
    episode.step()
    episode.restart(1)
    assert chances(episode) == decided[0]


@pytest.mark.thorough
def test_it_looks_on_while_a_person_plays(maze):
    player = Player.load(maze)
    watched = Episode("maze", player, seed=1, params=player.params)
    played = Episode("maze", player, seed=1, params=player.params, control="human")
    for action in (1, 2, 0, 1):
        watched.step(action)
        played.step(action)
    played.control = "agent"
    assert chances(watched) == chances(played)
    played.player = Player.load(maze, 0)  # its younger self takes over what was remembered
    played.back()
    played.player = None
    played.back()


@pytest.mark.parametrize("kind", KINDS)
def test_many_episodes_at_once_are_the_same_as_each_alone(kind):
    run = trained("cartpole", policy=kind, memory=16, learning_rate=3e-3)
    player = Player.load(run)
    found = evaluate(run, episodes=6, seed=50)
    alone = []
    for seed in range(50, 56):
        *_, last = Episode("cartpole", player, seed=seed, ops=False)
        alone.append(last.step)
    assert found["lengths"] == alone
    assert len(set(alone)) > 3, "episodes of equal length would not show that memories are kept apart"
    assert evaluate_policy("cartpole", player.act_batch, 6, 50)["lengths"] != alone


def test_closed_and_resumed_ends_bit_identical(maze):
    settings = short("maze", policy="lstm", params=SMALL)
    run = Run.create("maze", {"seed": 3, "threads": 1})
    progress = train("maze", settings, run)
    while next(progress).step < 128 * 3:
        pass
    progress.close()
    assert 0 < (run.resumable_step() or 0) < settings.total_timesteps
    for _ in train("maze", settings, run, resume=True):
        pass
    mine, whole = run.load_resume(), maze.load_resume()
    assert mine[0] == whole[0] and mine[1].keys() == whole[1].keys()
    assert mine[1]["env/memory"].any()
    different = {name for name in mine[1] if not torch.equal(mine[1][name], whole[1][name])}
    assert different <= {"random/python"}


def test_what_cannot_be_is_one_sentence(maze, tmp_path):
    space = spaces.Box(-1, 1, (3,))
    with pytest.raises(UserError, match="a memory is for ppo, gail and pqn; a2c learns from single steps"):
        policy_of(dataclasses.replace(settings_for("cartpole", "a2c"), policy="rnn"), space)
    with pytest.raises(UserError, match="lstm block"):
        export(maze, "sb3", tmp_path)
    model = ppo(Noise, "rnn", use_sde=False)
    model.use_sde = True
    with pytest.raises(UserError, match="plain noise"):
        model.learn(16)


def test_pictures_pass_through_a_cnn_first():
    policy, options = policy_of(PPOSettings(policy="rnn", memory=5), spaces.Box(0, 255, (5, 5, 6), np.uint8))
    assert policy is MemoryPolicy and options["memory"] == 5
    assert options["features_extractor_class"].__name__ == "CnnFeatures"

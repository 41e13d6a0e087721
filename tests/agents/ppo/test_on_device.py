"""PPO whose environments live where it learns: the same sums as the ordinary loop, and it learns."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

import envs
from agents.device_vec_env import DeviceEnvironments, DeviceVecEnv, can_live_on
from agents.evaluate import evaluate_policy
from agents.player import Player
from agents.ppo.backbones import backbone_for
from agents.ppo.device_loop import DeviceLoop
from agents.ppo.on_device import DevicePPO
from agents.ppo.rollout_buffer import Rollout
from agents.ppo.towers import PART, _in_parts
from agents.ppo.update import Hyperparameters, Machine
from envs.engine.core.batch import Batch
from sandbox.errors import UserError

CPU = torch.device("cpu")
CARTPOLE = envs.find("cartpole")


def make(num_envs=32, name="cartpole", limit=None, **options):
    environment = envs.find(name)
    if limit is not None:
        environment = dataclasses.replace(environment, max_episode_steps=limit)
    env = DeviceVecEnv(environment, num_envs, 0, None, CPU)
    options = {"n_steps": 16, "batch_size": 128, "n_epochs": 4, "seed": 0, **options}
    policy = options.pop("policy", "MlpPolicy")
    return DevicePPO(policy, env, device="cpu", **options)


def test_tensors_are_those_of_the_batch():
    world = DeviceEnvironments(CARTPOLE, 5, 7, None, CPU)
    batch, obs = Batch(CARTPOLE, 5, max_episode_steps=500), np.zeros((5, 4), np.float32)
    batch.seed(7)
    batch.reset(obs)
    rewards, final = np.zeros(5), obs.copy()
    terminated, truncated = np.zeros(5, bool), np.zeros(5, bool)
    ended, places = 0, {name: getattr(world, name).data_ptr() for name in ("obs", "done", "rewards")}
    for step in range(60):
        np.testing.assert_array_equal(world.obs.numpy(), obs)
        actions = np.full(5, step // 9 % 2)
        batch.step(actions, obs, rewards, terminated, truncated, final)
        world.step(torch.from_numpy(actions))
        np.testing.assert_array_equal(world.rewards.numpy(), rewards)
        np.testing.assert_array_equal(world.done.numpy(), terminated | truncated)
        np.testing.assert_array_equal(world.final_obs.numpy()[terminated], final[terminated])
        ended += terminated.sum()
    assert ended >= 5
    assert places == {name: getattr(world, name).data_ptr() for name in places}


def loop_of(model: DevicePPO, steps: int = 16) -> DeviceLoop:
    backbone = backbone_for(model.policy)
    assert backbone is not None and isinstance(model.env, DeviceVecEnv)
    hyper = Hyperparameters(
        batch_size=64,
        n_epochs=1,
        clip_range=0.2,
        clip_range_vf=None,
        normalize_advantage=True,
        ent_coef=0.0,
        vf_coef=0.5,
        max_grad_norm=0.5,
        target_kl=None,
    )
    machine = Machine(model.policy, backbone)
    return DeviceLoop(machine, model.env.environments, steps=steps, gamma=0.9, gae_lambda=0.8, hyper=hyper)


@torch.no_grad()
def test_advantages_are_those_of_the_ordinary_rollout():
    model = make(num_envs=8, limit=15)
    loop = loop_of(model, steps=40)
    loop._play()
    played = loop.rewards.clone()
    assert loop.final_obs is not None
    assert loop.truncated.sum() > 4 and (loop.dones & ~loop.truncated).sum() > 4
    loop._judge()
    rollout = Rollout(40, 8, model.observation_space, model.action_space, 2)
    rollout.rewards[:], rollout.dones[:], rollout.values[:] = played, loop.dones, loop.values
    backbone = loop.machine.backbone
    for t in range(40):
        cut = np.flatnonzero(loop.truncated[t].numpy())
        if len(cut):
            rollout.bootstraps.append((t, cut, loop.final_obs[t][cut].numpy()))
    rollout.add_final_values(backbone.values(backbone.prepare(rollout.final_obs(0))), 0.9)
    rollout.finish(0.9, 0.8)
    torch.testing.assert_close(loop.advantages, rollout.advantages, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(loop.returns, rollout.returns, atol=1e-5, rtol=1e-5)


def test_its_adam_is_the_ordinary_one():
    model = make()
    loop = loop_of(model)
    flat, adam = loop.machine.backbone.flat, loop.machine.adam
    assert adam is not None
    start = flat.values.clone()
    generator = torch.Generator().manual_seed(0)
    grads = [torch.randn(len(start), generator=generator) for _ in range(3)]
    for grad in grads:
        flat.grads.copy_(grad)
        adam.step()
    expected, moments = flat.values.clone(), (adam.exp_avg.clone(), adam.exp_avg_sq.clone())
    flat.values.copy_(start)
    adam.exp_avg.zero_()
    adam.exp_avg_sq.zero_()
    loop._rate.fill_(adam.group["lr"])
    for grad in grads:
        flat.grads.copy_(grad)
        loop._step()
    torch.testing.assert_close(flat.values, expected, atol=1e-7, rtol=1e-6)
    torch.testing.assert_close((adam.exp_avg, adam.exp_avg_sq), moments)


def test_episodes_are_counted_once():
    model = make(num_envs=64)
    model.learn(64 * 16 * 2)
    episodes: Any = model.ep_info_buffer
    returns, lengths = ([episode[key] for episode in episodes] for key in "rl")
    # A reward of 1 for each step: a return is its episode's length; random play falls after about 20.
    assert returns == lengths and 10 < np.mean(returns) < 40
    assert model._loop is not None and model._loop.episodes() == (0.0, 0.0, 0)
    assert model.num_timesteps == 2048


@pytest.mark.thorough
def test_it_learns_to_balance_and_saves_what_it_learned(tmp_path):
    model = make(num_envs=64, n_steps=32, batch_size=256, n_epochs=10, learning_rate=1e-3)
    model.learn(64 * 32 * 16)
    player = Player(model.policy, model.observation_space, "cartpole")
    reached = evaluate_policy("cartpole", player.playing(), 20)["interval"].mean
    assert reached > 195  # random play: about 22
    model.save(tmp_path / "model.zip")
    again = DevicePPO.load(tmp_path / "model.zip", device="cpu")
    obs = np.zeros((3, 4), np.float32)
    np.testing.assert_array_equal(
        model.predict(obs, deterministic=True)[0], again.predict(obs, deterministic=True)[0]
    )


@pytest.mark.thorough
def test_pictures_and_continuous_actions_are_learned_from_too():
    for name, policy in (("breakout", "BlockCnnPolicy"), ("pendulum", "MlpPolicy")):
        model = make(num_envs=16, name=name, policy=policy)
        before = model._last_obs, [p.clone() for p in model.policy.parameters()]
        model.learn(16 * 16 * 2)
        changed = [not torch.equal(p, q) for p, q in zip(model.policy.parameters(), before[1], strict=True)]
        assert all(changed), name
        assert np.isfinite(model.logger.name_to_value["train/value_loss"]), name


def test_a_gradient_in_parts_is_the_whole_one():
    generator = torch.Generator().manual_seed(0)
    for lead in ((), (2,)):
        grads, inputs = (torch.randn(*lead, 3 * PART, n, generator=generator) for n in (4, 5))
        out = torch.empty(*lead, 4, 5)
        _in_parts(grads, inputs, out)
        torch.testing.assert_close(out, grads.mT @ inputs, atol=1e-3, rtol=1e-4)


def test_what_needs_the_host_is_refused():
    with pytest.raises(UserError, match="target_kl has to be read back"):
        make(target_kl=0.01).learn(1024)


def test_without_a_gpu_environments_stay_on_the_cpu():
    assert not can_live_on(CPU, CARTPOLE)
    assert not can_live_on(torch.device("cuda"), envs.find("frozen_lake"))

"""Learning tests with known answers."""

import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3.common.envs import (
    IdentityEnv,
    IdentityEnvBox,
    IdentityEnvMultiBinary,
    IdentityEnvMultiDiscrete,
)
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import DummyVecEnv

from agents import PPO, make_vec_env


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (lambda: IdentityEnv(4), 8000),
        (lambda: IdentityEnvMultiDiscrete(3), 6000),
        (lambda: IdentityEnvMultiBinary(2), 8000),
        (lambda: IdentityEnvBox(eps=0.5), 12000),
    ],
    ids=["discrete", "multidiscrete", "multibinary", "box"],
)
@pytest.mark.filterwarnings("ignore:Evaluation environment is not wrapped")
def test_it_learns_to_repeat_what_it_sees(kind, steps):
    env = DummyVecEnv([kind] * 8)
    for i, one in enumerate(env.envs):  # what these environments show is drawn from their spaces
        one.action_space.seed(i)
        one.observation_space.seed(i)
    model = PPO(
        "MlpPolicy",
        env,
        n_steps=32,
        batch_size=64,
        n_epochs=8,
        gamma=0.4,
        learning_rate=1e-3,
        ent_coef=0.01,  # else it may settle on a wrong answer that it no longer varies
        seed=0,
        device="cpu",
    ).learn(steps)
    mean, _ = evaluate_policy(model, DummyVecEnv([kind]), 10)
    # 100 steps an episode, 1 for each right answer; Box answers count when close.
    assert isinstance(mean, float) and mean > 90


def test_cartpole_is_learned_in_a_second():
    model = PPO(
        "MlpPolicy",
        make_vec_env("cartpole", 64, seed=0),
        n_steps=32,
        batch_size=512,
        n_epochs=10,
        gae_lambda=0.9,
        gamma=0.98,
        learning_rate=2e-3,
        seed=0,
        device="cpu",
    ).learn(40_000)
    returns, lengths = evaluate_policy(
        model, make_vec_env("cartpole", 16, seed=10_000), 32, return_episode_rewards=True
    )
    assert returns == lengths
    assert np.mean(returns) > 300
    assert isinstance(model.action_space, spaces.Discrete)

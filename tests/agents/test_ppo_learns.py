"""Learning tests with known answers; those of environments are in `test_environments_learn.py`."""

import pytest
from stable_baselines3.common.envs import (
    IdentityEnv,
    IdentityEnvBox,
    IdentityEnvMultiBinary,
    IdentityEnvMultiDiscrete,
)
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import DummyVecEnv

from agents import PPO


@pytest.mark.quick("discrete", "box")
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

"""sb3-contrib's own MaskablePPO in an environment of ours that says what is allowed."""

import gymnasium as gym
import numpy as np
import pytest

import envs
from agents import make_vec_env

contrib = pytest.importorskip("sb3_contrib")

OURS = {"batch": lambda: make_vec_env("connect_four", 4, seed=0), "single": lambda: gym.make(ID)}
ID = envs.find("connect_four").id


@pytest.mark.thorough
@pytest.mark.parametrize("kind", OURS)
def test_maskable_ppo_trains_and_evaluates_by_the_masks(kind):
    from sb3_contrib.common.maskable.evaluation import evaluate_policy
    from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported

    env = OURS[kind]()
    assert is_masking_supported(env)
    model = contrib.MaskablePPO("MlpPolicy", env, n_steps=128, batch_size=64, seed=0, device="cpu")
    assert not is_masking_supported(make_vec_env("cartpole", 1))
    model.learn(128 * model.n_envs)
    buffer = model.rollout_buffer
    masks = buffer.action_masks.reshape(-1, 7)
    actions = buffer.actions.reshape(-1).astype(int)
    assert 0.01 < 1 - masks.mean() < 0.9  # some columns were full
    assert masks[np.arange(len(masks)), actions].all()
    returns, _ = evaluate_policy(model, model.env, n_eval_episodes=3, return_episode_rewards=True, warn=False)
    assert len(returns) == 3
    obs = model.env.reset()
    allowed = get_action_masks(model.env)
    assert allowed.shape == (model.n_envs, 7) and allowed.all()
    allowed[:, :6] = False
    assert (model.predict(obs, action_masks=allowed)[0] == 6).all()

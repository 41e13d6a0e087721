"""Cliff walking: the shortest way along the cliff, 13 steps, or one that is a step or two farther from it.

Source: tuned here: Q-learning on a table (Sutton & Barto 2018, example 6.6), one weight for each place and
action, which promise 0 at first where every step costs 1.
Command: `sandbox train cliff_walking --seed 0`, with `--agent ppo` for the other.
Expected return: -15, -13, -13, -13 and -13 with the seeds 0 to 4. The hand-written player gets -13, which is
the best there is. PPO found -13 with one seed of five and -15 with another; the others walked in circles for
10,000 steps, which is as long as they may.
Time: 0.02 minutes of one thread (1.2 s); PPO 0.2 minutes; measured 2026-11-26 on busy cores.
"""

from agents.settings import PPOSettings, PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=100_000,
            num_envs=32,
            num_steps=16,
            hidden=(),
            normalize_obs=False,
            reward_scale=0.1,
            gamma=1.0,
            q_lambda=0.0,
            learning_rate=2e-2,
            schedule="linear",
            exploration_fraction=0.5,
            exploration_final_eps=0.01,
            # An episode in circles takes 10,000 steps.
            eval_every=50_000,
            eval_episodes=5,
        ),
    },
    "ppo": {
        "default": PPOSettings(
            total_timesteps=250_000,
            num_envs=64,
            num_steps=32,
            batch_size=512,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.99,
            learning_rate=3e-3,
            schedule="linear",
            ent_coef=0.01,
        ),
    },
}

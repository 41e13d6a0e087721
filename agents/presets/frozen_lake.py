"""Frozen lake: crosses the ice seven times in ten, nearly as well as anybody can.

Source: tuned here. The best possible chance of arriving within 100 steps is about 0.74.
Command: `sandbox train frozen_lake --seed 0`.
Expected return: 0.69, 0.70, 0.69, 0.69 and 0.71 with the seeds 0 to 4, Q-learning on a table; 200 episodes
each that no training has seen. The hand-written player gets 0.40. PPO (`--agent ppo`) had 0.71, 0.28, 0.70,
0.71 and 0.58.
By free energy (`--agent free_energy`): 0.72 over the last 100 episodes of training, with drawn actions, after
300,000 steps with seed 0 (25 s on two very busy cores).
Time: 0.04 minutes of one thread (0.5 to 2.5 s); PPO 0.2 minutes; measured 2026-11-26 on busy cores.
"""

from agents.settings import FreeEnergySettings, PPOSettings, PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=200_000,
            num_envs=64,
            num_steps=16,
            hidden=(),
            normalize_obs=False,
            gamma=0.99,
            q_lambda=0.0,
            learning_rate=2e-2,
            schedule="linear",
            exploration_fraction=0.5,
            exploration_final_eps=0.05,
        ),
    },
    "ppo": {
        "default": PPOSettings(
            total_timesteps=400_000,
            num_envs=64,
            num_steps=32,
            batch_size=512,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.999,
            learning_rate=3e-3,
            schedule="linear",
            ent_coef=0.003,
            eval_every=50_000,
        ),
    },
    "free_energy": {
        "default": FreeEnergySettings(
            total_timesteps=300_000,
            num_steps=16,
            gamma=0.999,
            temperature=0.2,
            final_temperature=0.005,
            eval_every=50_000,
        ),
    },
}

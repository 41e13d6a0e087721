"""Cliff walking: the shortest way along the cliff, 13 steps.

Source: tuned here. The first evaluations walk in circles for 10,000 steps, which is as long as they may.
Command: `sandbox train cliff_walking --seed 0`.
Expected return: -13 in every episode, one seed, found before step 200,704. The hand-written player gets
-13, which is the best there is.
Time: 0.2 minutes of one thread (12 s of processor time), measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
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

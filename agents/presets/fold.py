"""Fold: one bond less than the hand-written player finds, the same in every episode.

Source: Snake's settings here, as for `minatar_asterix`, with a second convolution; it is at 5 bonds after
65,000 steps and stays there; a discount of 0.98 does the same.
Command: `sandbox train fold --seed 0`.
Expected return: 5.0 [5.0, 5.0], one seed, 100 episodes. The hand-written player gets 6.
Time: 0.3 minutes of one thread, measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=120_000,
            num_envs=128,
            num_steps=32,
            batch_size=2048,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.99,
            learning_rate=2e-3,
            schedule="linear",
            ent_coef=0.01,
            policy="cnn",
            channels=(16, 32),
            hidden=(128,),
        ),
    },
}

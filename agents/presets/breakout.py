"""Breakout: twice what the hand-written player gets, from half a million steps of pixels.

Source: Snake's settings here, as for `minatar_asterix`; a discount of 0.98 gave half.
Command: `sandbox train breakout --seed 0`.
Expected return: about 40: 43.9 [35.3, 53.8] and 36.2 [28.7, 44.7] in two trainings with seed 0 that were
cut off at 0.67 and 0.61 million of their steps, 100 episodes each that no training has seen. The
hand-written player gets 14.7.
Time: 1.5 minutes of one thread for a million steps, measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_000_000,
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
            channels=(16,),
            hidden=(128,),
        ),
    },
}

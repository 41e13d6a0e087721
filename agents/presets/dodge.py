"""Dodge: loses to the hand-written player, 2 against 26.

Source: Snake's settings here, as for `minatar_asterix`; a discount of 0.98 gave the same.
Command: `sandbox train dodge --seed 0`.
Expected return: 2.4 [1.7, 3.3], one seed, 100 episodes that no training has seen, with the 95 % interval.
The hand-written player gets 25.7.
Time: 1.1 minutes of one thread, measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=700_000,
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

"""Driving: as far as the hand-written controller, in a quarter of a minute.

Source: tuned here.
Command: `sandbox train driving --seed 0`, and 1 and 2.
Expected return: 32.2 over 3 seeds: 30.4 [25.3, 35.7], 34.9 [30.9, 39.4] and 31.4 [28.3, 34.1], level with the
controller, 30.6 [28.3, 32.7]; random actions -19.3 [-19.4, -19.2]. Each figure is the mean of the same 100
episodes (`sandbox evaluate`) that no training has seen, with its 95 % interval.
Time: 0.23 minutes of one thread (13 to 15 s of processor time), measured 2026-11-23 on two shared, busy
cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_000_000,
            num_envs=128,
            num_steps=32,
            batch_size=1024,
            num_epochs=4,
            gamma=0.98,
            learning_rate=2e-3,
            schedule="linear",
            max_grad_norm=10.0,
            hidden=(128, 64),
            activation="relu",
        ),
    },
}

"""Dose: keeps glucose in range better than the proportional-derivative controller.

Source: tuned here.
Command: `sandbox train dose --seed 0`, and 1 and 2.
Expected return: 257.3 over 3 seeds: 259.7 [258.6, 260.7], 254.8 [253.6, 256.0] and 257.4 [256.2, 258.6]; the
controller 248.7 [247.3, 250.1], random actions -96.3 [-97.2, -95.4]. Half way through it is at 251 to 255.
Each figure is the mean of the same 100 episodes (`sandbox evaluate`) that no training has seen, with its 95 %
interval.
Time: 0.12 minutes of one thread (7 s of processor time), measured 2026-11-23 on two shared, busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=600_000,
            num_envs=64,
            num_steps=64,
            batch_size=512,
            num_epochs=6,
            gamma=0.98,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=10.0,
            activation="relu",
        ),
    },
}

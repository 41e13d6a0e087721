"""MinAtar's Space Invaders: two thirds more than the hand-written player gets, from 3 million steps.

Source: Snake's settings here, as for `minatar_asterix`. A wider network was slower and worse (87 at half
the steps).
Command: `sandbox train minatar_space_invaders --seed 0`.
Expected return: 112.4 [103.2, 121.6], one seed, 100 episodes that no training has seen, with the 95 %
interval and with sticky actions. The hand-written player gets 66.1. gymnax publishes 131 for PPO after 10
million steps, without sticky actions.
Time: 4.1 minutes of one thread, measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=3_000_000,
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
REFERENCES = (
    Reference(figure="131", method="PPO, 10 million steps, without sticky actions", source="gymnax-blines"),
)

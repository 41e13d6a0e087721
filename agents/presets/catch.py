"""Catch: never misses a ball, after a second of training.

Source: tuned here.
Command: `sandbox train catch --seed 0`.
Expected return: 1.000 [1.000, 1.000] after 10,368 steps (seed 0, the mean of 200 episodes that it has not
seen); the hand-written player 1, random actions about -0.7.
Time: 0.02 minutes of one thread (1 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=200_000,
            num_steps=18,
            batch_size=288,
            gamma=0.97,
            learning_rate=3e-3,
            schedule="linear",
            ent_coef=0.01,
            max_grad_norm=10.0,
        ),
    },
}
REFERENCES = (Reference(figure="1", method="actor-critic", source="README of gymnax"),)

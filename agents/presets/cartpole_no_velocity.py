"""Cart-pole without velocities: loses to the hand-written player, who takes the difference of two positions.

Source: tuned here, not well.
Command: `sandbox train cartpole_no_velocity --seed 0`.
Expected return: 192 [177, 206] (seed 0, the mean of 100 episodes); the hand-written player 500, random
actions 21. The RL Zoo prints 500 for its recurrent PPO after 100,000 steps, of one run.
Time: 0.4 minutes of one thread (22 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=300_000,
            num_epochs=6,
            gamma=0.98,
            gae_lambda=0.9,
            learning_rate=3e-3,
            schedule="linear",
            policy="lstm",
            memory=32,
        ),
    },
}
REFERENCES = (Reference(figure="500", method="recurrent PPO, 100,000 steps", source="RL Zoo, benchmark.md"),)

"""Cart-pole without velocities: solved in four seconds; an LSTM finds out how fast all moves.

Source: tuned here. What matters is to scale the observations: how far a pole has moved between two steps is a
hundredth of what an LSTM's input is made for, and without that it gets 100 to 200 in ten times the steps.
Command: `sandbox train cartpole_no_velocity --seed 0`.
Expected return: 500 [500, 500] after 61,440 steps (seed 0, the mean of 200 episodes that it has not seen);
the hand-written player 500, random actions 21. The RL Zoo prints 500 for its recurrent PPO after 100,000
steps, of one run.
Time: 0.1 minutes of one thread (6 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=300_000,
            num_envs=32,
            num_steps=64,
            num_epochs=6,
            gamma=0.98,
            gae_lambda=0.9,
            learning_rate=3e-3,
            schedule="linear",
            normalize="observations",
            policy="lstm",
            memory=32,
        ),
    },
}
REFERENCES = (Reference(figure="500", method="recurrent PPO, 100,000 steps", source="RL Zoo, benchmark.md"),)

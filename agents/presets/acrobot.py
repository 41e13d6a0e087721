"""Acrobot: swings up in fewer steps than the hand-written player, in a second of training.

Source: tuned here.
Command: `sandbox train acrobot --seed 0 --no-stop-when-solved`, and 1 and 2; without the last it ends once
solved.
Expected return: -83.7 over 3 seeds: -85.4 [-91.5, -80.7], -83.2 [-87.4, -80.2] and -82.6 [-84.4, -80.8]; the
hand-written player -99.1 [-110.2, -89.5], random actions -500. Half way through it is at -82 to -90. Each
figure is the mean of the same 100 episodes (`sandbox evaluate`) that no training has seen, with its 95 %
interval.
`--preset best` goes on for a million steps: -75.0 and -75.0 (seeds 0 and 1, 200 episodes each), in 14 s of
processor time; the RL Zoo prints -73.5 for its PPO after a million steps, of one run.
Time: 0.04 minutes of one thread (2 s of processor time), measured 2026-11-23 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=250_000,
            num_envs=64,
            num_steps=64,
            batch_size=512,
            num_epochs=4,
            gamma=0.99,
            learning_rate=2e-3,
            schedule="linear",
        ),
        "best": PPOSettings(
            total_timesteps=1_000_000,
            num_envs=64,
            num_steps=64,
            batch_size=512,
            num_epochs=4,
            gamma=0.99,
            learning_rate=2e-3,
            schedule="linear",
            stop_when_solved=False,
        ),
    },
}
REFERENCES = (Reference(figure="-69.1", method="QR-DQN, 100,000 steps", source="RL Zoo, benchmark.md"),)

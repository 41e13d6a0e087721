"""Pendulum without speed: an LSTM swings it up, but loses to the hand-written player.

Source: those of `pendulum`, which were tuned here, with an LSTM.
Command: `sandbox train pendulum_no_velocity --seed 0`.
Expected return: -275 [-335, -225] (seed 0, the mean of 100 episodes that it has not seen, with its 95 %
interval); the hand-written player, who takes the difference of two angles, -137 (40 episodes), random actions
-1212. The RL Zoo prints -218 for its recurrent PPO after 100,000 steps, of one run.
Time: 0.6 minutes of one thread (38 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=200_000,
            num_envs=32,
            num_steps=64,
            batch_size=256,
            num_epochs=8,
            gamma=0.9,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=1000.0,
            activation="relu",
            policy="lstm",
            memory=32,
        ),
    },
}
REFERENCES = (Reference(figure="-218", method="recurrent PPO, 100,000 steps", source="RL Zoo, benchmark.md"),)

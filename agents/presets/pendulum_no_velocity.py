"""Pendulum without speed: a plain RNN swings it up in a minute, but loses to the hand-written player.

Source: tuned here. A speed is the difference of two angles. Elman's RNN learned it sooner than an LSTM: with
the same discount and running moments, LSTMs had -247 to -345 after 200,000 to 500,000 steps, with rollouts of
32 to 100 steps and step sizes of 1e-3 to 3e-3 (one seed each). Half the steps gave -173 with the seed that it
was chosen with, but -232, -195 and -246 with the seeds 0 to 2.
Command: `sandbox train pendulum_no_velocity --seed 3`, and 4.
Expected return: -216 [-247, -187] and -213 [-240, -186], 100 episodes each that no training has seen, with
the 95 % interval; the hand-written player, who takes the difference of two angles, -137 (40 episodes), random
actions -1212. The RL Zoo prints -218 for its recurrent PPO after 100,000 steps, of one run.
Time: 1.0 minutes of one thread (59 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=600_000,
            num_envs=32,
            num_steps=64,
            batch_size=256,
            num_epochs=8,
            gamma=0.95,
            learning_rate=1e-3,
            schedule="linear",
            max_grad_norm=1000.0,
            normalize="both",
            activation="relu",
            policy="rnn",
            memory=32,
        ),
    },
}
REFERENCES = (Reference(figure="-218", method="recurrent PPO, 100,000 steps", source="RL Zoo, benchmark.md"),)

"""Pendulum without speed: a plain RNN swings it up in two minutes, but loses to the hand-written player.

Source: tuned here. A speed is the difference of two angles. Elman's RNN learned it sooner than an LSTM: with
the same discount and running moments, LSTMs had -247 to -345 after 200,000 to 500,000 steps, with rollouts of
32 to 100 steps and step sizes of 1e-3 to 3e-3 (one seed each). The other settings are those of `pendulum`:
minibatches half as large as before, longer pieces of play, and gradients that are not cut off. Before, three
seeds had -219, -216 and -213; half the steps now give -201 and -206, and with a GRU -188 in three times the
time (one seed). The median of 300 episodes was -135 then, but a quarter had less than -270.
Command: `sandbox train pendulum_no_velocity --seed 0`, and 1.
Expected return: -193.5 and -195.4, 200 episodes each that no training has seen; the hand-written player, who
takes the difference of two angles, -155.8 there, random actions -1212. The RL Zoo prints -218 for its
recurrent PPO after 100,000 steps, of one run.
Time: 1.9 minutes of one thread (107 and 116 s of processor time), measured 2026-11-26 on two busy cores.
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

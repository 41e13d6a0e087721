"""Pendulum without speed: a plain RNN swings it up and holds it, a little worse than the hand-written player.

Source: tuned here. A speed is the difference of two angles, and an RNN of Elman's learns that sooner than an
LSTM: with the same discount and running moments, LSTMs had -247 to -345 after 200,000 to 500,000 steps, with
rollouts of 32 to 100 steps and step sizes of 1e-3 to 3e-3 (one seed each). Before that an LSTM with a discount
of 0.9 and without moments had -275.
Command: `sandbox train pendulum_no_velocity --seed 0`, and 1 and 2.
Expected return: RETURNS,
100 episodes each that no training has seen, with the 95 % interval; the hand-written player, who takes the
difference of two angles, -137 (40 episodes), random actions -1212. The RL Zoo prints -218 for its recurrent
PPO after 100,000 steps, of one run. The settings were chosen with another seed and other episodes.
Time: 0.5 minutes of one thread (29 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=300_000,
            num_envs=64,
            num_steps=32,
            batch_size=512,
            num_epochs=8,
            gamma=0.95,
            learning_rate=1e-3,
            schedule="linear",
            normalize="both",
            activation="relu",
            policy="rnn",
            memory=32,
        ),
    },
}
REFERENCES = (Reference(figure="-218", method="recurrent PPO, 100,000 steps", source="RL Zoo, benchmark.md"),)

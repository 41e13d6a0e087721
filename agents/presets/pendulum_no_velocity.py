"""Pendulum without speed: an LSTM; not measured yet.

Source: first settings, not tuned.
"""

from agents.settings import PPOSettings

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

"""Autoencode, easy: an LSTM; not measured yet.

Source: first settings, not tuned.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=800_000,
            num_steps=103,
            batch_size=1648,
            gamma=0.0,
            gae_lambda=0.0,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=1.0,
            policy="lstm",
            memory=128,
            hidden=(64,),
        ),
    },
}

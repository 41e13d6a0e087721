"""CountRecall, easy: an LSTM; not measured yet.

Source: first settings, not tuned.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=600_000,
            num_steps=51,
            batch_size=816,
            gamma=0.0,
            gae_lambda=0.0,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=1.0,
            policy="lstm",
            hidden=(64,),
        ),
    },
}

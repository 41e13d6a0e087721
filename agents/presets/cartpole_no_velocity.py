"""x"""

from agents.settings import PPOSettings

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

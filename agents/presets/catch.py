"""x"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=200_000,
            num_steps=18,
            batch_size=288,
            gamma=0.97,
            learning_rate=3e-3,
            schedule="linear",
            ent_coef=0.01,
            max_grad_norm=10.0,
        ),
    },
}

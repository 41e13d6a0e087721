"""x"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=600_000,
            num_envs=128,
            num_steps=64,
            batch_size=1024,
            gamma=0.98,
            learning_rate=2e-3,
            schedule="linear",
            ent_coef=0.01,
            max_grad_norm=1.0,
            policy="mlp",
            hidden=(64,),
            activation="relu",
        ),
    },
}

"""x"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_000_000,
            num_envs=1024,
            num_steps=10,
            batch_size=2048,
            gamma=1.0,
            learning_rate=3e-3,
            ent_coef=0.02,
            max_grad_norm=10.0,
            hidden=(64,),
        ),
    },
}

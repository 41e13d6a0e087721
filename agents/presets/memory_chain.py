"""x"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=400_000,
            num_envs=128,
            batch_size=1024,
            gamma=1.0,
            learning_rate=2e-3,
            schedule="linear",
            ent_coef=0.01,
            max_grad_norm=1.0,
            policy="lstm",
            memory=32,
            hidden=(32,),
        ),
    },
}

"""x"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_000_000,
            num_envs=128,
            num_steps=64,
            batch_size=2048,
            learning_rate=1e-3,
            schedule="linear",
            ent_coef=0.01,
            max_grad_norm=1.0,
            policy="lstm",
            channels=(16,),
            hidden=(64,),
        ),
    },
}

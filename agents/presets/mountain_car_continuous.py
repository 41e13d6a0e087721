"""x"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_500_000,
            num_envs=256,
            num_steps=128,
            batch_size=4096,
            num_epochs=8,
            gamma=0.999,
            gae_lambda=0.98,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=10.0,
            stop_when_solved=False,
        ),
    },
}

"""CartPole."""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=200_000,
            num_envs=64,
            num_steps=32,
            batch_size=512,
            num_epochs=10,
            gae_lambda=0.9,
            gamma=0.98,
            learning_rate=2e-3,
            schedule="linear",
            hidden=(64, 64),
            activation="tanh",
            eval_every=8192,
        ),
    },
}

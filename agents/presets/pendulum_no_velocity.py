"""Pendulum without speed: an LSTM; these settings were not measured yet.

Source: those of `pendulum`, which were tuned here, with an LSTM in front.
Expected return: not measured; the hand-written player, who takes the difference of two angles, -137 (40
episodes), random actions -1212.
Time: not measured, some minutes at most.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=200_000,
            num_envs=32,
            num_steps=64,
            batch_size=256,
            num_epochs=8,
            gamma=0.9,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=1000.0,
            activation="relu",
            policy="lstm",
            memory=32,
        ),
    },
}

"""Maze: PPO with an LSTM, which remembers the colour of the start up to the junctions.

TO BE MEASURED
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=6_000_000,
            num_envs=256,
            num_steps=64,
            batch_size=4096,
            learning_rate=1e-3,
            schedule="linear",
            ent_coef=0.03,
            policy="lstm",
            channels=(16,),
            hidden=(128,),
        ),
        "small": PPOSettings(
            total_timesteps=1_000_000,
            num_envs=64,
            num_steps=64,
            batch_size=2048,
            learning_rate=1e-3,
            schedule="linear",
            ent_coef=0.02,
            policy="lstm",
            channels=(16,),
            hidden=(128,),
            params={"rooms": 3.0},
        ),
    },
}

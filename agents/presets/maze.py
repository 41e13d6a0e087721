"""Maze: PPO with an LSTM, which remembers the colour of the start and takes the shortest way.

Source: tuned here.
Expected return: 0.736 or 0.737 with four of 5 seeds, 0.651 with the fifth, each the mean of 500 new mazes;
0.00 to 0.01 wrong turns a maze, and 1.02. The shortest ways give 0.737, a hand on the wall 0.50, a CNN alone
with the same settings 0.590, 0.599 and 0.606, with 1.23 to 1.30 wrong turns. What the colour is good for is
found out late, after about 4.5 million steps. `small` is for mazes of 3 x 3 rooms: `sandbox bench memory`.
Time: 6 minutes with one thread (15,600 steps/s beside other work), measured 2026-11-23.
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

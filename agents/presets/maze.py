"""Maze: PPO with an LSTM, which remembers the colour of the start and takes the shortest way.

Source: tuned here.
Expected return: 0.736, 0.736 and 0.651 over 3 seeds, each the mean of 500 new mazes; 0.01, 0.01 and 1.02
wrong turns a maze. The shortest ways give 0.737, a hand on the wall 0.50, the same network without a memory
0.606 and 1.24 wrong turns (one seed). What the colour is good for is found out late, after about 4.5 million
steps, by one of the seeds not at all. `small` is for mazes of 3 x 3 rooms: see `sandbox bench memory`.
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

"""MultiRoom, 2 rooms of 4x4: to the goal behind the door, in 15 seconds of training.

Source: tuned here. No memory: who comes through a door looks ahead.
Command: `sandbox train multi_room --seed 0`.
Expected return: 0.839 [0.834, 0.845] (seed 0, the mean of 200 worlds that it has not seen); the hand-written
player 0.832 (40 worlds), random actions 0.01.
`four` has 4 rooms of up to 5x5. With a bonus for what a map of views has hardly seen it comes to 0.753, 0.752
and 0.764 (seeds 0 to 2, 100 episodes each that no training has seen; 15 to 25 s of processor time), without
it to 0.000 (seeds 0, 1), after 606,208 steps.
Time: 0.3 minutes of one thread (15 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

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
        "four": PPOSettings(
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
            novelty="som",
            novelty_weight=0.02,
            params={"rooms": 4.0, "most": 5.0},
        ),
    },
}

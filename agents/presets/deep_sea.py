"""DeepSea, side 10: finds the treasure and dives to it every time, in two seconds of training.

Source: tuned here. A thousand divers at once find what one alone would look for through a thousand episodes,
and a bonus for entropy keeps the others trying while the step costs say no. It begins at chance, which finds
the treasure once in 1,024 episodes.
Command: `sandbox train deep_sea --seed 0`, and 1 and 2.
Expected return: 0.990, the best there is, in each of 200 episodes, with 3 seeds, after 30,720, 51,200 and
51,200 steps (3,072 and 5,120 episodes). The hand-written player, who knows the sea, also 0.990; random
actions about -0.005.
Time: 0.03 minutes of one thread (2 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

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

"""DeepSea, side 10: all of five seeds find the treasure and dive to it, helped by a bonus for what is new.

Source: tuned here. A thousand divers at once find by chance, once in 1,024 episodes, what has to be found;
the bonuses for entropy and for novelty (`agents.exploration`) keep the others trying while the step costs say
no. Without the one for novelty, costs won first with one seed of five, and all went left for ever.
Command: `sandbox train deep_sea --seed 0`, and 1 to 4.
Expected return: 0.990, the best there is, in each of 200 episodes with all of five seeds, after 30,720 to
81,920 steps (3,072 to 8,192 episodes); with eight others, too. The hand-written player, who knows the sea,
0.990; random actions about -0.005.
`deep` has side 20, where chance needs a million episodes: 0.990 after 716,800 and 614,400 steps (24 and 17 s
of processor time), seeds 0 and 1.
Time: 0.02 minutes of one thread (1 to 2 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=300_000,
            num_envs=1024,
            num_steps=10,
            batch_size=2048,
            gamma=1.0,
            learning_rate=3e-3,
            ent_coef=0.02,
            max_grad_norm=10.0,
            hidden=(64,),
            novelty="som",
        ),
        "deep": PPOSettings(
            total_timesteps=2_000_000,
            num_envs=1024,
            num_steps=20,
            batch_size=2048,
            gamma=1.0,
            learning_rate=3e-3,
            ent_coef=0.02,
            max_grad_norm=10.0,
            hidden=(64,),
            novelty="som",
            params={"side": 20.0},
        ),
    },
}
REFERENCES = (Reference(figure="0", method="actor-critic", source="README of gymnax"),)

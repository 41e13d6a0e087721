"""DeepSea, side 10: four of five seeds find the treasure and dive to it; the fifth learns to stay away.

Source: tuned here. A thousand divers at once find by chance, once in 1,024 episodes, what has to be found,
and a bonus for entropy keeps the others trying while the step costs say no. That is no deep exploration:
where the costs win first, all go left for ever.
Command: `sandbox train deep_sea --seed 0`, and 1 to 4.
Expected return: 0.990, the best there is, in each of 200 episodes with seeds 0, 1, 2 and 4, after 30,720 to
61,440 steps (3,072 to 6,144 episodes); 0.000 with seed 3, also after 600,000 steps. The hand-written player,
who knows the sea, 0.990; random actions about -0.005.
With `--novelty som` seed 3 finds it, too: 0.990 after 51,200 steps. `deep` has side 20, where chance needs a
million episodes: with that bonus 0.990 after 716,800 and 614,400 steps (24 and 17 s of processor time), seeds
0 and 1.
Time: 0.03 minutes of one thread where it succeeds (2 s of processor time), else all of the steps (17 s for
600,000), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

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

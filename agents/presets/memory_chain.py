"""MemoryChain, length 10: an LSTM keeps the bit, after four seconds of training.

Source: tuned here.
Command: `sandbox train memory_chain --seed 0`.
Expected return: 1.000 [1.000, 1.000] after 20,480 steps (seed 0, the mean of 200 episodes that it has not
seen); the hand-written player, who remembers, 1, random actions about 0.
Time: 0.07 minutes of one thread (4 s of processor time), measured 2026-11-26 on two shared, busy cores.
PQN with the same memory (`sandbox train memory_chain --agent pqn --seed 0`) gets 1.000 [1.000, 1.000] after
6,144 steps and 0.4 s of training, with each of the seeds 0 to 4, 100 new episodes each.
"""

from agents.settings import PPOSettings, PQNSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=400_000,
            num_envs=128,
            batch_size=1024,
            gamma=1.0,
            learning_rate=2e-3,
            schedule="linear",
            ent_coef=0.01,
            max_grad_norm=1.0,
            policy="lstm",
            memory=32,
            hidden=(32,),
        ),
    },
    "pqn": {
        "default": PQNSettings(
            total_timesteps=200_000,
            batch_size=512,
            gamma=1.0,
            learning_rate=2e-3,
            policy="lstm",
            memory=32,
            hidden=(32,),
            eval_every=5_000,
        ),
    },
}
REFERENCES = (Reference(figure="0.1", method="actor-critic", source="README of gymnax"),)

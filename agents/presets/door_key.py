"""DoorKey 5x5: key, door and goal by a short way, in 16 seconds of training; no memory needed.

Source: tuned here.
Command: `sandbox train door_key --seed 0`.
Expected return: 0.965 [0.964, 0.965] (seed 0, the mean of 200 worlds that it has not seen); the hand-written
player, who fetches what is in view and else looks around, 0.954 (40 worlds), random actions 0.16. The RL Zoo
prints 0.964 for MiniGrid's own, of one run of PPO with 100,000 steps.
Time: 0.3 minutes of one thread (16 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

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
    },
}
REFERENCES = (
    Reference(figure="0.964", method="recurrent PPO, 100,000 steps", source="RL Zoo, benchmark.md"),
)

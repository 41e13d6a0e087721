"""MinAtar's Freeway: a little more than the hand-written player gets, from 3 million steps.

Source: Snake's settings here, as for `minatar_asterix`. A discount of 0.995 gave the same.
Command: `sandbox train minatar_freeway --seed 0`.
Expected return: 64.5 [63.8, 65.1], one seed, 100 episodes that no training has seen, with the 95 % interval
and with sticky actions. The hand-written player gets 62.4. gymnax publishes 58 for PPO after 10 million
steps, without sticky actions.
Time: 4.4 minutes of one thread, measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=3_000_000,
            num_envs=128,
            num_steps=32,
            batch_size=2048,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.99,
            learning_rate=2e-3,
            schedule="linear",
            ent_coef=0.01,
            policy="cnn",
            channels=(16,),
            hidden=(128,),
        ),
    },
}
REFERENCES = (
    Reference(figure="58", method="PPO, 10 million steps, without sticky actions", source="gymnax-blines"),
)

"""MinAtar's Freeway: a little more than the hand-written player gets, with Q-learning in under two minutes.

Source: PQN (Gallici et al. 2024) with the settings of `minatar_breakout`, which were tuned there. PPO:
Snake's settings here, as for `minatar_asterix`; a discount of 0.995 gave the same.
Command: `sandbox train minatar_freeway --seed 0`, and 1; `--agent ppo`.
Expected return: PQN 63.8 and 63.7, 200 episodes each; PPO 64.5 [63.8, 65.1], one seed, 100 episodes. All with
sticky actions, in episodes that no training has seen. The hand-written player gets 62.1. gymnax publishes 58
for PPO after 10 million steps, without sticky actions.
Time: PQN 1.8 minutes of one thread (109 s of processor time), measured on two shared, busy cores; PPO 4.4
minutes, on one of sixteen busy cores; both measured 2026-11-26.
"""

from agents.settings import PPOSettings, PQNSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=2_000_000,
            num_envs=128,
            batch_size=256,
            policy="mlp",
            hidden=(256, 256),
            normalize_obs=False,
            q_lambda=0.85,
            learning_rate=1e-3,
            schedule="linear",
            exploration_final_eps=0.01,
        ),
    },
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

"""Recon: comes to the goal, but loses to the hand-written player, 5 against 8.

Source: tuned here, PQN (Gallici et al. 2024) on the flat picture. Episodes are judged by the most probable
actions, with which PPO gets far less than with those that it draws while it learns: an MLP 2.9 and -8.8, a
CNN -35.9 with the most probable ones. Q-learning plays its best action while it learns. With it a CNN of two
layers was at -5.6 after 300,000 steps, a wider MLP at 4.2 after a million (one seed each).
Command: `sandbox train recon --seed 0`, and 1 and 2.
Expected return: 4.0 [2.4, 5.3], 4.8 [3.7, 5.5] and 5.0 [3.8, 5.7], 100 episodes each that no training has
seen, with the 95 % interval. The hand-written player, who plans on what the picture shows, gets 7.8. The
settings were chosen with another seed and other episodes.
Time: 0.5 minutes of one thread (31 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=500_000,
            num_envs=128,
            batch_size=512,
            policy="mlp",
            hidden=(128, 128),
            gamma=0.95,
            learning_rate=1e-3,
            schedule="linear",
        ),
    },
}

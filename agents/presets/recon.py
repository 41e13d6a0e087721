"""Recon: always comes to the goal, but by longer ways than the hand-written player, 5.4 against 7.7.

Source: tuned here, PQN (Gallici et al. 2024) on the flat picture. Episodes are judged by the most probable
actions, with which PPO gets far less than with those that it draws while it learns: an MLP 2.9 and -8.8, a
CNN -35.9 with the most probable ones. Q-learning plays its best action while it learns. With a quarter of the
steps, a smaller first layer and a lambda of 0.65 it had 4.6 over five seeds in 30 s. A CNN of two layers was
at -2.5 after 1.5 million steps (one seed each). The hand-written player plans on what the picture shows; the
agent's returns in training rise little after a million steps, from 4.9 to 5.1.
Command: `sandbox train recon --seed 0`, and 1.
Expected return: 5.44 [5.24, 5.64] and 5.41, 200 episodes each that no training has seen; the longest of the
first had 27 steps, of 150. The hand-written player gets 7.68.
Time: 3 minutes of one thread (181 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=2_000_000,
            num_envs=128,
            batch_size=512,
            policy="mlp",
            hidden=(256, 128),
            gamma=0.95,
            q_lambda=0.85,
            learning_rate=1e-3,
            schedule="linear",
        ),
    },
}

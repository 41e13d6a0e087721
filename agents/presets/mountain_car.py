"""Preset for mountain_car: gets up the hill, but not with every seed within a minute.

PQN on RBF features (Sutton & Barto 2018, chapter 9, with tiles; Gallici et al. 2024 for the learner): a bump
that was never visited still promises 0 where every step costs 1, so that the car tries what it does not know.
An MLP takes what it sees everywhere for the whole world, and stays in the valley.
Source: tuned here. The agent goes up and down from one evaluation to the next, so the training ends with the
first one that 100 new episodes confirm; smaller step sizes, and falling ones, are steadier and worse.
Expected return: -102.5 of those 100 episodes, seed 0, after 225,024 steps; seed 1 was not there in a minute.
Time: 0.2 minutes (12.4 s), evaluations not included; one thread of two busy cores, measured 2026-11-26.
"""

from agents.settings import PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=1_000_000,
            eval_every=5_000,
            num_envs=16,
            num_steps=16,
            policy="rbf",
            features=200,
            hidden=(),
            learning_rate=0.3,
            q_lambda=0.5,
            exploration_fraction=0.01,
            exploration_final_eps=0.01,
        ),
    },
}

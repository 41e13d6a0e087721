"""MinAtar's Seaquest: more than the hand-written player gets, with Q-learning in two minutes.

Source: PQN (Gallici et al. 2024), tuned here: an MLP over the cells, 0 and 1 as they are, larger steps,
minibatches and lambda than the paper's, a discount of 0.98, fewer random actions at the end. A CNN with the
paper's lambda and discount got 7.8 after a million steps and 69 s; PPO 1.4 to 5.3 after up to three million.
Command: `sandbox train minatar_seaquest --seed 0`, and 1.
Expected return: 43.4 [39.3, 47.7] and 38.9 [34.5, 43.2], 100 episodes each that no training has seen, with
the 95 % interval and with sticky actions. The hand-written player gets 30.7. The settings
were chosen with another seed and other episodes.
Time: 2.0 minutes of one thread (118 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=2_000_000,
            num_envs=128,
            batch_size=256,
            policy="mlp",
            hidden=(256, 256),
            normalize_obs=False,
            gamma=0.98,
            q_lambda=0.8,
            learning_rate=1e-3,
            schedule="linear",
            exploration_final_eps=0.02,
        ),
    },
}

"""Preset for connect_four: learns from search in games against itself, and leads a search better than alone.

Source: tuned here. AlphaZero's network is two small MLPs, which compiled code asks about a position in about
3 microseconds; searches are short at first, when what they say is worth little. PQN learns from games against
itself without search, with many random moves, because two copies of one network would else play the same few
games again and again, and with short returns, which look less far past such moves.
Expected return: EXPECTED
PQN: 0.47 [0.29, 0.63] against the opponent that wins and blocks, 100 episodes, one seed; the hand-written
player has 0.85 [0.77, 0.92].
Time: MINUTES; PQN 2 minutes, evaluations included; one thread of two shared cores, measured 2026-11-26.
"""

from agents.settings import AlphaZeroSettings, PQNSettings

CONFIG = {
    "alphazero": {
        "default": AlphaZeroSettings(
            total_timesteps=900_000,
            policy="mlp",
            hidden=(256, 64),
            activation="relu",
            schedule="linear",
            buffer_size=150_000,
            first_simulations=24,
            simulations=120,
            mirror=True,
            eval_every=450_000,
            stop_when_solved=False,
        ),
    },
    "pqn": {
        "default": PQNSettings(
            total_timesteps=2_000_000,
            num_envs=128,
            batch_size=512,
            policy="mlp",
            hidden=(256, 256),
            learning_rate=1e-3,
            schedule="linear",
            gamma=1.0,
            q_lambda=0.5,
            exploration_fraction=0.2,
            exploration_final_eps=0.3,
            self_play=True,
            stop_when_solved=False,
        ),
    },
}

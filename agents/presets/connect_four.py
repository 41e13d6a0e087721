"""Preset for connect_four: still gets less than the hand-written player, 0.5 instead of 0.85.

Source: tuned here. PQN learns from games against itself, with many random moves, because two copies of one
network would else play the same few games again and again, and with short returns, which look less far past
such moves.
Expected return: 0.47 [0.29, 0.63] against the opponent that wins and blocks, 100 episodes, one seed; the
hand-written player has 0.85 [0.77, 0.92].
Time: 2 minutes, evaluations included; one thread of two shared cores, measured 2026-11-26.
"""

from agents.settings import PQNSettings

CONFIG = {
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

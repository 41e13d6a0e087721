"""Preset for connect_four: still gets less than the hand-written player, 0.5 instead of 0.85.

Source: tuned here. PQN learns from games against itself, with many random moves, because two copies of one
network would else play the same few games again and again, and with short returns, which look less far past
such moves. AlphaZero learns from search in games against itself, for a search to be led by; moves are drawn
throughout a game and one in seven at random, for the same reason.
Expected return: 0.47 [0.29, 0.63] against the opponent that wins and blocks, 100 episodes, one seed; the
hand-written player has 0.85 [0.77, 0.92]. AlphaZero alone 0.44 [0.27, 0.61], likewise; with search it scores
6.9 [6.0, 7.8] of 10 against search alone at 20 ms a move, 100 games.
Time: 2 minutes, evaluations included; AlphaZero 4.2 minutes of training; one thread of two shared cores,
measured 2026-11-26.
"""

from agents.settings import AlphaZeroSettings, PQNSettings

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
    "alphazero": {
        "default": AlphaZeroSettings(
            total_timesteps=700_000,
            policy="mlp",
            hidden=(256, 64),
            activation="relu",
            schedule="linear",
            num_epochs=3.0,
            buffer_size=100_000,
            first_simulations=40,
            simulations=64,
            noise=0.15,
            drawn_moves=42,
            random_moves=0.15,
            mirror=True,
            stop_when_solved=False,
        ),
    },
}

"""Preset for connect_four: AlphaZero alone beats the hand-written player, 0.97 and 0.85.

Source: tuned here. AlphaZero learns from search in games against itself, for a search to be led by. Moves are
drawn throughout a game and one in seven at random, because two copies of one network would else play the same
few games again and again. Its network sees what stands on each line of four; with an MLP over cells it got
0.44. PQN learns from games against itself, too, with short returns, which look less far past random moves.
Expected return: 0.97 [0.93, 1.00] against the opponent that wins and blocks, 200 episodes, one seed; the
hand-written player has 0.85. PQN 0.47 [0.29, 0.63], 100 episodes. `--preset best` has 0.98 [0.94, 1.00], 100
episodes. Led by its network, search scores 8.8 [8.2, 9.4] of 10 against search alone at 20 ms a move and 9.2
[8.5, 9.7] at 100 ms (`sandbox bench search`, 100 games each), 9.25 [8.8, 9.6] on 200 other games at 20 ms.
The default had 7.9 [7.1, 8.6] (100 games) and 6.9 [5.5, 8.3] (40), when searches forgot their trees.
Time: 4.2 minutes; `best` 14 minutes; PQN 2 minutes; one thread of two shared cores, measured 2026-11-26, and
`best` on 2026-11-27.
"""

from dataclasses import replace

from agents.settings import AlphaZeroSettings, PQNSettings

DEFAULT = AlphaZeroSettings(
    total_timesteps=1_100_000,
    policy="lines",
    hidden=(128, 32),
    learning_rate=3e-3,
    schedule="linear",
    batch_size=1024,
    num_epochs=2.0,
    buffer_size=150_000,
    first_simulations=32,
    simulations=96,
    noise=0.15,
    drawn_moves=42,
    random_moves=0.15,
    mirror=True,
    stop_when_solved=False,
)

CONFIG = {
    "alphazero": {
        "default": DEFAULT,
        # Moves are drawn at first only, and fewer at random: what follows a position is good play, so that
        # returns may look to the end.
        "best": replace(
            DEFAULT,
            total_timesteps=2_600_000,
            num_epochs=4.0,
            buffer_size=300_000,
            drawn_moves=8,
            random_moves=0.1,
            value_lambda=0.97,
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

"""Dodge: more than the hand-written player gets, with Q-learning after a minute, though seeds differ a lot.

Source: PQN as in its paper's MinAtar settings (Gallici et al. 2024), with twice the filters, minibatches and
step size, and one random action in a hundred at the end, as a wrong one is often the last; with one in twenty
it got 102 where this got 116 (one seed). PPO with Snake's settings got 2.4 [1.7, 3.3].
Command: `sandbox train dodge --seed 0`, and 1 and 2.
Expected return: 89.0 [77.5, 100.1], 55.0 [48.1, 62.1] and 39.0 [33.3, 45.0], 100 episodes each that no
training has seen, with the 95 % interval. The hand-written player gets 25.7. The settings were chosen with
another seed and other episodes.
Time: 1.0 minutes of one thread (60 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=700_000,
            num_envs=128,
            batch_size=256,
            channels=(32,),
            hidden=(128,),
            learning_rate=1e-3,
            schedule="linear",
            exploration_final_eps=0.01,
        ),
    },
}

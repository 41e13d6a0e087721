"""CountRecall, easy: an LSTM counts red and black, RET of the hand-written player's 0.97.

Source: PQN (Gallici et al. 2024) with the settings of `repeat_previous`, which were tuned here, twice the
hidden units and eight times the steps: it still counts better all the time. Answers have no consequences, so
the discount is 0; rewards are 1/51, so they are learned times 50. A GRU of 128 was behind the LSTM of 64
after 600,000 steps (-0.27 and -0.10). PPO with `repeat_previous`'s settings got -0.29.
Command: `sandbox train count_recall --seed 0`, and 1.
Expected return: RETURNS, 100 episodes each that
no training has seen, with the 95 % interval; the hand-written player, who counts, 0.97 (40 episodes), random
actions -0.91. The settings were chosen with another seed and other episodes.
Time: MIN minutes of one thread (SEC s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=4_000_000,
            num_steps=51,
            batch_size=816,
            gamma=0.0,
            q_lambda=0.0,
            reward_scale=50.0,
            learning_rate=3e-3,
            schedule="linear",
            exploration_final_eps=0.02,
            policy="lstm",
            hidden=(128,),
        ),
    },
}

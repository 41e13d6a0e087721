"""RepeatPrevious, easy: an LSTM keeps four suits in mind and makes no mistake.

Source: tuned here. Answers have no consequences, so the discount is 0: each is learned from its own reward.
Command: `sandbox train repeat_previous --seed 0`.
Expected return: 1.000 [1.000, 1.000] (seed 0, the mean of 200 episodes that it has not seen); the
hand-written player, who remembers, 1, random actions -0.50.
Time: 0.4 minutes of one thread (22 s of processor time), measured 2026-11-26 on two shared, busy cores.
PQN with the same memory (`sandbox train repeat_previous --agent pqn --seed 0`): 0.998 after 120,768 steps and
9.1 s of training, 1.000 from 150,144 steps and 11.5 s on, 20 episodes each. Rewards are 1/48; without
`reward_scale` it has -0.15 after the same 300,000 steps.
"""

from agents.settings import PPOSettings, PQNSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=500_000,
            num_steps=51,
            batch_size=816,
            gamma=0.0,
            gae_lambda=0.0,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=1.0,
            policy="lstm",
            hidden=(64,),
        ),
    },
    "pqn": {
        "default": PQNSettings(
            total_timesteps=300_000,
            num_steps=51,
            batch_size=816,
            gamma=0.0,
            q_lambda=0.0,
            reward_scale=50.0,
            learning_rate=3e-3,
            schedule="linear",
            policy="lstm",
            hidden=(64,),
        ),
    },
}

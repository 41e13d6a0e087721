"""Memory, side 9: an LSTM looks at the thing, keeps it in mind and turns to the right side.

Source: tuned here. What the thing is good for is found out after about 400,000 steps.
Command: `sandbox train memory --seed 0`.
Expected return: 0.984 [0.984, 0.985] (seed 0, the mean of 200 worlds that it has not seen), above the
hand-written player, who remembers, with 0.978 (40 worlds); random actions 0.21, half of what is possible for
who does not remember.
Time: 1.1 minutes of one thread (67 s of processor time), measured 2026-11-26 on two shared, busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_000_000,
            num_envs=128,
            num_steps=64,
            batch_size=2048,
            learning_rate=1e-3,
            schedule="linear",
            ent_coef=0.01,
            max_grad_norm=1.0,
            policy="lstm",
            channels=(16,),
            hidden=(64,),
        ),
    },
}

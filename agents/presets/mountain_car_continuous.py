"""Continuous mountain car: out of the valley with less thrust than the hand-written player.

Source: tuned here. 256 cars at once push at random for so long that some get out; until that is learned from,
returns lie near -43, the price of pushing.
Command: `sandbox train mountain_car_continuous --seed 0`.
Expected return: 94.3 [90.2, 97.3] with a training that stopped after 524,288 steps (seed 0, the mean of 100
episodes); this one goes on. The hand-written player 89.4, random actions -33. The RL Zoo prints, of one run
each, 88.3 for PPO (20,000 steps), 94.7 for SAC (50,000) and 96.7 for ARS (500,000).
Time: 0.2 minutes of one thread for those steps (9 s of processor time), measured 2026-11-26 on two shared,
busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_500_000,
            num_envs=256,
            num_steps=128,
            batch_size=4096,
            num_epochs=8,
            gamma=0.999,
            gae_lambda=0.98,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=10.0,
            stop_when_solved=False,
        ),
    },
}

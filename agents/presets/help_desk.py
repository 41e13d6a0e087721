"""Help desk: routes by skill and promise, three times the shortest-queue rule.

Source: tuned here. The discount is 0.95: a routed request is answered or late within some ten others.
Command: `sandbox train help_desk --seed 0`, and 1 and 2.
Expected return: 167.1 over 3 seeds: 169.7 [167.9, 171.6], 165.5 [163.0, 168.0] and 166.2 [164.3, 168.2]; the
shortest queue 55.9 [46.5, 64.9], random actions 26.7 [21.3, 32.1]. Half way through it is at 165 to 167. Each
figure is the mean of the same 100 episodes (`sandbox evaluate`) that no training has seen, with its 95 %
interval.
Time: 0.09 minutes of one thread (5 to 6 s of processor time), measured 2026-11-23 on two shared, busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=400_000,
            num_envs=64,
            num_steps=32,
            batch_size=512,
            num_epochs=4,
            gamma=0.95,
            learning_rate=2e-3,
            schedule="linear",
            max_grad_norm=10.0,
        ),
    },
}

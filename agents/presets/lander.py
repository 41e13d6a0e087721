"""Lander: sets down on the pad, almost as well as the hand-tuned controller.

Source: tuned here. With 100,000 to 300,000 steps it hovers over the pad (50 to 60): not to crash is learned
long before to land. The bonus for entropy keeps it trying.
Command: `sandbox train lander --seed 0`, and 1 and 2.
Expected return: 156.4 over 3 seeds: 154.0 [145.5, 160.2], 157.8 [152.7, 161.3] and 157.4 [153.4, 161.0]; the
controller 163.6 [161.7, 165.4], random actions -170.3 [-177.3, -163.9]. Half way through it is at 93 to 136.
Each figure is the mean of the same 100 episodes (`sandbox evaluate`) that no training has seen, with its 95 %
interval.
Time: 0.4 minutes of one thread (23 to 25 s of processor time), measured 2026-11-23 on two shared, busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_500_000,
            num_envs=64,
            num_steps=64,
            batch_size=512,
            num_epochs=6,
            gamma=0.995,
            learning_rate=3e-3,
            schedule="linear",
            ent_coef=0.01,
            max_grad_norm=10.0,
        ),
    },
}

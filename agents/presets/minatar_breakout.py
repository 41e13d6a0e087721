"""Preset for minatar_breakout.

Source: PQN as in its paper's MinAtar settings (Gallici et al. 2024): 128 environments x 32 steps, 2 epochs of
minibatches of 128, lambda 0.65, the step size down to zero; with a tenth of the steps.
Expected return: 20.6 [19.3, 21.8] over 100 episodes, one seed; gymnax: 28 with PPO after ten times the steps.
Time: 0.9 minutes (54 s), evaluations not included; one thread of two shared cores, measured 2026-11-26.
"""

from agents.settings import PQNSettings

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=1_000_000,
            num_envs=128,
            channels=(16,),
            hidden=(128,),
            schedule="linear",
        ),
    },
}

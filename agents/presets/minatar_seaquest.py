"""MinAtar's Seaquest: loses to the hand-written player, 5 against 31.

Source: Snake's settings here, as for `minatar_asterix`, with a discount of 0.995 and half the bonus for
entropy. The settings of Asterix gave 4.6; smaller steps and longer rollouts gave 1.4 after a million steps.
Command: `sandbox train minatar_seaquest --seed 0`.
Expected return: 5.3 [4.9, 5.7], one seed, 100 episodes that no training has seen, with the 95 % interval
and with sticky actions. The hand-written player gets 30.7.
Time: 4.5 minutes of one thread, measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=3_000_000,
            num_envs=128,
            num_steps=32,
            batch_size=2048,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.995,
            learning_rate=2e-3,
            schedule="linear",
            ent_coef=0.005,
            policy="cnn",
            channels=(16,),
            hidden=(128,),
        ),
    },
}

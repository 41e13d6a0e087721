"""Snake: learned from pixels, at least half as much again as a greedy player gets.

Source: tuned here, with the network of MinAtar (one convolution of 16 filters, 128 dense units; Young & Tian
2019).
Expected return: 36.8 over 3 seeds, which differ a lot: 27.4 [26.0, 28.6], 49.0 [45.0, 52.8] and
34.0 [31.9, 35.9], each the mean of 100 episodes with its 95 % interval. The greedy player gets
18.3 [17.0, 19.8], random actions -0.9 [-0.9, -0.8]. Half of these steps give 20 to 26; a discount
of 0.99 was stuck at 6, one of 0.96 at 18; a second convolution cost twice the time for the same return.
Time: 3 minutes with one thread (160 to 167 s of processor time), measured 2026-11-23.
"""

from agents.settings import FROM_PICTURES, CloneSettings, GAILSettings, PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=4_000_000,
            num_envs=128,
            num_steps=32,
            batch_size=2048,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.98,
            learning_rate=2e-3,
            schedule="linear",
            ent_coef=0.005,
            policy="cnn",
            channels=(16,),
            hidden=(128,),
        ),
    },
    "gail": {
        "default": GAILSettings(
            policy="cnn", channels=(16,), hidden=(128,), shift=3, total_timesteps=1_000_000, **FROM_PICTURES
        ),
    },
    "clone": {
        "default": CloneSettings(
            policy="cnn", channels=(16,), hidden=(128,), shift=3, demonstrations="32", total_timesteps=5000
        ),
    },
}

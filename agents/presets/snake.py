"""Snake: learned from pixels, better than a greedy player.

Source: tuned here, with MinAtar's network (one convolution of 16 filters, 128 dense units; Young & Tian 2019) and
PPO's usual 4 epochs.
Expected return: TODO.
Time: TODO minutes, measured TODO.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=2_000_000,
            num_envs=128,
            num_steps=32,
            batch_size=1024,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.98,
            learning_rate=1e-3,
            schedule="linear",
            ent_coef=0.01,
            policy="cnn",
            channels=(16,),
            hidden=(128,),
        ),
    },
}

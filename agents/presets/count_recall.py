"""CountRecall, easy: an LSTM; these settings were not measured yet.

Source: those of `repeat_previous`, which were tuned here.
Expected return: not measured; the hand-written player, who counts, 0.97 (40 episodes), random actions -0.91.
Time: not measured, some minutes at most.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=600_000,
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
}

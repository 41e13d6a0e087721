"""Autoencode, easy: an LSTM; not measured yet, and not expected to reach the hand-written player.

Source: those of `repeat_previous`, with a larger memory and longer pieces of play.
Expected return: not measured; 100,000 steps did not leave chance (-0.50) with 52 cards, while 40,000 steps
did with 8. The hand-written player, who keeps all, 1.
Time: not measured, some minutes at most.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=800_000,
            num_steps=103,
            batch_size=1648,
            gamma=0.0,
            gae_lambda=0.0,
            learning_rate=3e-3,
            schedule="linear",
            max_grad_norm=1.0,
            policy="lstm",
            memory=128,
            hidden=(64,),
        ),
    },
}

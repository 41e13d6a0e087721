"""MinAtar's Breakout: 21 with Q-learning after a minute, and 9 with PPO; the hand-written player gets 80.

Source: PQN as in its paper's MinAtar settings (Gallici et al. 2024): 128 environments x 32 steps, 2 epochs
of minibatches of 128, lambda 0.65, the step size down to zero; with a tenth of the steps. PPO: Snake's
settings here with longer rollouts, a smaller step size and a larger bonus for entropy, which gave half as
much again as the settings of `minatar_asterix` (7.0 after 3 million steps) in a third of the steps. An MLP
was stuck at 6, a step size of 5e-4 at 5, a wider network at 6.
Command: `sandbox train minatar_breakout --agent pqn --seed 0`.
Expected return: PQN 20.6 [19.3, 21.8], PPO 9.3 [8.9, 9.6], one seed, 100 episodes that no training has
seen, with the 95 % interval and with sticky actions. gymnax publishes 28 for PPO after 10 million steps,
without sticky actions.
Time: PQN 0.9 minutes (54 s), evaluations not included; one thread of two shared cores. PPO 1.5 minutes of
one thread, measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings, PQNSettings
from sandbox.tasks.reference import Reference

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
    "ppo": {
        "default": PPOSettings(
            total_timesteps=1_000_000,
            num_envs=128,
            num_steps=128,
            batch_size=2048,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.99,
            learning_rate=1e-3,
            schedule="linear",
            ent_coef=0.03,
            policy="cnn",
            channels=(16,),
            hidden=(128,),
        ),
    },
}
REFERENCES = (
    Reference(figure="28", method="PPO, 10 million steps, without sticky actions", source="gymnax-blines"),
)

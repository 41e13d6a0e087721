"""MinAtar's Breakout: loses to the hand-written player, 9 against 80.

Source: Snake's settings here with longer rollouts, a smaller step size and a larger bonus for entropy,
which gave half as much again as the settings of `minatar_asterix` (7.0 after 3 million steps) in a third of
the steps. An MLP was stuck at 6, a step size of 5e-4 at 5, a wider network at 6.
Command: `sandbox train minatar_breakout --seed 0`.
Expected return: 9.3 [8.9, 9.6], one seed, 100 episodes that no training has seen, with the 95 % interval
and with sticky actions. The hand-written player gets 80.0. gymnax publishes 28 for PPO after 10 million
steps, without sticky actions.
Time: 1.5 minutes of one thread, measured 2026-11-26 on one of sixteen busy cores.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
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

"""MinAtar's Asterix: half as much again as the hand-written player gets, from 3 million steps.

Source: Snake's settings here, with a discount of 0.99 and twice the bonus for entropy; the network is
MinAtar's (one convolution of 16 filters, 128 dense units; Young & Tian 2019). Nothing else was tried.
Command: `sandbox train minatar_asterix --seed 0`.
Expected return: 37.3 [33.5, 41.0], one seed, 100 episodes that no training has seen, with the 95 % interval
and with sticky actions. The hand-written player gets 24.2 [20.8, 27.4], random actions 0.4 [0.3, 0.6].
gymnax publishes 15 for PPO after 10 million steps, without sticky actions.
Time: 5.7 minutes of one thread on a core that others used too, measured 2026-11-26.
"""

from agents.settings import PPOSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "ppo": {
        "default": PPOSettings(
            total_timesteps=3_000_000,
            num_envs=128,
            num_steps=32,
            batch_size=2048,
            num_epochs=4,
            gae_lambda=0.95,
            gamma=0.99,
            learning_rate=2e-3,
            schedule="linear",
            ent_coef=0.01,
            policy="cnn",
            channels=(16,),
            hidden=(128,),
        ),
    },
}
REFERENCES = (
    Reference(figure="15", method="PPO, 10 million steps, without sticky actions", source="gymnax-blines"),
)

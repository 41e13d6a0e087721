"""MinAtar's Breakout: 49 with Q-learning after a minute, and 9 with PPO; the hand-written player gets 80.

Source: PQN (Gallici et al. 2024), tuned here, one seed and a million steps each. With the paper's settings
for MinAtar a CNN got 20.6 and an MLP over the cells, 0 and 1 as they are, 18.6 in less time. The MLP with
twice the step size and minibatch and one random action in a hundred at the end: 22.5; with a lambda of 0.85
in place of 0.65, too: 27.9. The CNN with these: 14.2. PPO: Snake's settings here with longer rollouts, a
smaller step size and a larger bonus for entropy, which gave half as much again as the settings of
`minatar_asterix` (7.0 after 3 million steps) in a third of the steps. With PPO an MLP was stuck at 6, a step
size of 5e-4 at 5, a wider network at 6.
Command: `sandbox train minatar_breakout --seed 0`, and 1 and 2.
Expected return: PQN 48.5 [44.4, 52.6], 49.5 [45.3, 53.7] and 47.7 [43.6, 51.8], PPO 9.3 [8.9, 9.6] (one
seed), 100 episodes each that no training has seen, with the 95 % interval and with sticky actions. gymnax
publishes 28 for PPO after 10 million steps, without sticky actions. PQN's settings were chosen with another
seed and other episodes.
Time: PQN 1.2 minutes of one thread (74 s of processor time), measured on two shared, busy cores; PPO 1.5
minutes, on one of sixteen busy cores; both measured 2026-11-26.
"""

from agents.settings import PPOSettings, PQNSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=2_000_000,
            num_envs=128,
            batch_size=256,
            policy="mlp",
            hidden=(256, 256),
            normalize_obs=False,
            q_lambda=0.85,
            learning_rate=1e-3,
            schedule="linear",
            exploration_final_eps=0.01,
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

"""Autoencode, easy: an LSTM recites three cards of four, as decks begin small; the hand-written player all.

Source: tuned here. PQN (Gallici et al. 2024); answers have no consequences, so the discount is 0. With all 52
cards from the first step nothing is learned: PPO had -0.454 after 800,000 steps, chance makes -0.5. With a
deck that grows from 4 to 52 cards over the training each new length is learned in some 40,000 steps from the
one before. Larger steps learned sooner: decks grew, each time that half of the points were reached, to 14
cards with 2e-3, to 18 with 4e-3 and to 20 with 8e-3 within a million steps; a GRU came to 12 and took twice
the time, gates that begin with spans up to 104 steps to 14. Rewards times 20, a step size of 8e-3 and 6
million steps: 0.561 (one seed); times 60 and without cutting gradients to 1 it forgot between 20 and 31 cards
what it had learned (0.028). The newest cards, the oldest and those in the middle are known, others by half.
Command: `sandbox train autoencode --seed 0`, and 1.
Expected return: 0.520 and 0.570, 200 episodes each that no training has seen. The hand-written player, who
keeps all, gets 1. POPGym's best of 13 memories, a GRU, has -0.283 after 15 million steps of PPO (appendix of
Morad et al. 2023, quoted second hand).
Time: 4 minutes of one thread (239 and 248 s of processor time), measured 2026-11-26 on two busy cores.
"""

from agents.settings import PQNSettings
from sandbox.tasks.reference import Reference

CONFIG = {
    "pqn": {
        "default": PQNSettings(
            total_timesteps=7_000_000,
            num_steps=103,
            batch_size=824,
            gamma=0.0,
            q_lambda=0.0,
            reward_scale=60.0,
            learning_rate=6e-3,
            schedule="linear",
            max_grad_norm=1.0,
            exploration_fraction=0.02,
            exploration_final_eps=0.02,
            policy="lstm",
            memory=128,
            hidden=(128,),
            curriculum={"cards": 4.0},
            curriculum_fraction=0.85,
        ),
    },
}
REFERENCES = (
    Reference(
        figure="-0.283",
        method="GRU with PPO, 15 million steps",
        source="Morad et al. 2023, appendix, quoted second hand",
    ),
)

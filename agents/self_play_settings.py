"""What can be set about agents that learn from search in games against themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from agents.base_settings import OnlineSettings
from sandbox.settings import MOST_EXAMPLES, MOST_STEPS, setting


@dataclass(frozen=True, kw_only=True)
class AlphaZeroSettings(OnlineSettings):
    """Policy and value from search, in games of two players against oneself. Silver et al. 2018."""

    agent: ClassVar[str] = "alphazero"
    title: ClassVar[str] = "AlphaZero"
    self_play: ClassVar[bool] = True

    num_envs: int = 256
    num_steps: int = 16
    hidden: tuple[int, ...] = (256, 256)
    learning_rate: float = 1e-3
    gamma: float = 1.0
    kernel: int = setting(3, "Side of the CNN's filters.", low=1, high=32)
    line: int = setting(4, "Squares of a line, for the policy `lines`.", low=2, high=32)
    batch_size: int = setting(512, "Positions of a minibatch.", low=1, high=MOST_EXAMPLES)
    num_epochs: float = setting(
        2.0, "How often each position is learned from, on average.", above=0, high=1000
    )
    buffer_size: int = setting(50_000, "Newest positions that are learned from.", low=1, high=MOST_STEPS)
    value_lambda: float = setting(
        0.8, "How far returns look past the search's next value: 0 one move, 1 to the end.", low=0, high=1
    )
    first_simulations: int = setting(24, "Tries of each search at the beginning.", low=2, high=10_000)
    simulations: int = setting(
        96,
        "The same at the end: what a network that knows little says is not worth many.",
        low=2,
        high=10_000,
    )
    explore: float = setting(0.7, "How much a search tries what it tried little.", above=0, high=100)
    noise: float = setting(
        0.25, "Share of random numbers in the probabilities at the root of each search.", low=0, high=1
    )
    concentration: float = setting(
        1.0,
        "Of the Dirichlet distribution they are from: a small one prefers few actions.",
        above=0,
        high=1e3,
    )
    drawn_moves: int = setting(
        12,
        "First moves of each game that are drawn by visits; later ones are the most visited.",
        low=0,
        high=1_000_000,
    )
    random_moves: float = setting(0.02, "Chance of a move that is drawn from all alike.", low=0, high=1)
    mirror: bool = setting(
        False,
        "A position seen in a mirror is worth the same: observations are pictures, actions their columns.",
    )
    vf_coef: float = setting(1.0, "Weight of the value loss.", low=0, high=100)
    max_grad_norm: float = setting(1.0, "Longer gradients are scaled down to this norm.", above=0, high=1e6)

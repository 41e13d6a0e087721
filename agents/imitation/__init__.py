"""Learning from demonstrations."""

from agents.imitation.gail import GAIL, Demonstrations, Discriminator

__all__ = ["GAIL", "Demonstrations", "Discriminator"]

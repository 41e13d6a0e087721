"""Learning from demonstrations."""

from agents.imitation.cloning import Clone, Imitator
from agents.imitation.demonstrations import Demonstrations
from agents.imitation.discriminator import Discriminator
from agents.imitation.gail import GAIL

__all__ = ["GAIL", "Clone", "Demonstrations", "Discriminator", "Imitator"]

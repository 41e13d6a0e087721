"""Export free-energy reinforcement learning."""

from agents.free_energy.algorithm import FreeEnergy

__all__ = ["FreeEnergy"]

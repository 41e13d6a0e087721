"""Export the agents that are also rewarded for what is new to them."""

from agents.exploration.curious import CuriousPPO, CuriousPQN

__all__ = ["CuriousPPO", "CuriousPQN"]

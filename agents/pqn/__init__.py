"""Export the parallelised Q-network."""

from agents.pqn.algorithm import PQN

__all__ = ["PQN"]

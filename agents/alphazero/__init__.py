"""A policy and a value that learn from what a search with them finds, in games against oneself."""

from agents.alphazero.algorithm import AlphaZero

__all__ = ["AlphaZero"]

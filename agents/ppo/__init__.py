"""Proximal policy optimization over compiled batches."""

from agents.ppo.algorithm import PPO

__all__ = ["PPO"]

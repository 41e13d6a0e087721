"""The earlier address of policies with a memory, which saved models name."""

from agents.policies.recurrent import MemoryBackbone, MemoryPolicy

__all__ = ["MemoryBackbone", "MemoryPolicy"]

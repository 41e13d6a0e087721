"""Deep-RL agents over sandbox blocks and envs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shadowing import require_own

if TYPE_CHECKING:
    from agents.ppo import PPO
    from agents.vec_env import make_vec_env

require_own("envs")  # every module here needs it, and would only say that some part of it is missing

__all__ = ["PPO", "make_vec_env"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for, so that `import agents` does not wait for torch."""
    if name == "PPO":
        from agents.ppo import PPO

        return PPO
    if name == "make_vec_env":
        from agents.vec_env import make_vec_env

        return make_vec_env
    raise AttributeError(f"module 'agents' has no attribute {name!r}")

"""Whether PPO's own loops train a policy, or those of Stable-Baselines3, which are slower and take any."""

from __future__ import annotations

import logging

import stable_baselines3
from stable_baselines3.common.buffers import RolloutBuffer

from agents.action_masks import has_masks
from agents.policies.normalisation import Normalize
from agents.policies.recurrent import MemoryPolicy
from agents.ppo.backbones import backbone_for
from agents.ppo.fast_path import patched, policy_obstacle, training_obstacle
from agents.ppo.update import Machine
from sandbox.errors import UserError
from sandbox.training.process_group import Group

log = logging.getLogger("agents.ppo")


class LoopChoice(stable_baselines3.PPO):
    """The part of `agents.ppo.PPO` that chooses between its own loops and stock.

    Attributes:
        slow_because: why the last rollout or update ran in Stable-Baselines3's own loops; None if it did not.
        group: the processes that train this policy together, each in its part of the environments; None if
            it is one. All must call the same methods in the same order.
    """

    slow_because: str | None = None
    group: Group | None = None
    normalize: Normalize = "none"
    _told: str | None = None
    _machine: Machine | None = None

    def _obstacle(self) -> str | None:
        """Say why only Stable-Baselines3's own loops know what to do, or return None."""
        if self.use_sde:
            return "exploration is state-dependent (use_sde)"
        buffer = self.rollout_buffer
        if type(buffer) is not RolloutBuffer:
            return f"the rollout buffer is a {type(buffer).__name__}"
        if (method := patched(buffer)) is not None:
            return f"{method} of the rollout buffer is replaced"
        if self._machine is not None and self._machine.is_current(self.policy):
            return None
        self._machine = None
        return policy_obstacle(self.policy) or training_obstacle(self.policy)

    def _taken_apart(self) -> Machine | None:
        """Return the parts of the policy, or None if only Stable-Baselines3's own loops know what it does."""
        reason = self._obstacle()
        if reason is not None:
            return self._leave_to_stock(reason)
        self.slow_because = None
        if self._machine is None:
            backbone = backbone_for(self.policy)
            assert backbone is not None
            self._machine = Machine(self.policy, backbone, self.group)
        return self._machine

    def _leave_to_stock(self, reason: str) -> None:
        """Say once per `learn` why it goes slowly.

        Raises:
            UserError: a policy with a memory, which Stable-Baselines3's loops cannot train, an environment
                that forbids actions, moments that are to run, or other processes: of these they know nothing.
        """
        if self.group is not None:
            raise UserError(f"Only PPO's own loops can be spread over processes, but {reason}.")
        if isinstance(self.policy, MemoryPolicy):
            raise UserError(
                f"A policy with a memory is trained with plain noise by PPO's own loops, but {reason}."
            )
        if self.env is not None and has_masks(self.env):
            raise UserError(
                f"This environment forbids actions, which only PPO's own loops heed, but {reason}."
            )
        if self.normalize != "none":
            raise UserError(f"Only PPO's own loops normalise observations and rewards, but {reason}.")
        self.slow_because = reason
        if reason != self._told:
            self._told = reason
            line = f"PPO runs Stable-Baselines3's own loops, which are slower: {reason}."
            log.info(line)
            if hasattr(self, "_logger"):
                self.logger.log(line)

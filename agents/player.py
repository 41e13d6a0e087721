"""A trained agent as something that plays: observation in, decision out.

    player = Player.load("cartpole-003")
    decision = player.act(obs)            # Decision(action=1, probabilities=[0.02, 0.98], value=49.3)
    decision = player.act(obs, memory=decision.memory)      # the next step of a player that remembers

Loaded from a run's checkpoint (safetensors and JSON: nothing in it is executed), of any age.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.preprocessing import is_image_space, is_image_space_channels_first
from stable_baselines3.common.vec_env import VecTransposeImage
from torch import Tensor

from agents.environments import find_target
from agents.flat_spaces import FlatActions, FlatObservations, flat_actions, is_structured
from agents.policies import load_parameters
from agents.policies.remembering import Remembering
from agents.settings import AlphaZeroSettings, CloneSettings, from_config
from agents.thought import thinkers_of
from agents.training.policy_choice import policy_of
from agents.viewing.decision import Decision
from sandbox.build_limit import BuildLimit
from sandbox.errors import UserError
from sandbox.runs import Run

__all__ = ["Decision", "Player", "has_ended", "policy_space"]


def policy_space(space: spaces.Space) -> tuple[spaces.Space, bool]:
    """Return the space a policy sees, and whether images are turned from (H, W, C) to (C, H, W) for it."""
    if is_structured(space):
        return FlatObservations(space), False
    if isinstance(space, spaces.Box) and is_image_space(space) and not is_image_space_channels_first(space):
        return VecTransposeImage.transpose_space(space), True
    return space, False


def has_ended(run: Run, step: int | None) -> bool:
    """Whether a checkpoint is the end of a whole training and not an age on the way."""
    return run.status()["state"] == "done" and step == run.checkpoints()[-1]


class Player:
    """A policy that plays.

    Args:
        policy: of any agent.
        observation_space: of the environment as it is, before any wrapper.
        target: name of the environment.
        params: parameters of the environment that it was trained with.
        step: age in environment steps.
        run: name of the run it comes from.
        explores: how far it strays where it does not take its best; see `AgentSettings.exploration`.

    Attributes:
        policy: as given, in evaluation mode.
        target: name of the environment.
        params: parameters of the environment that it was trained with.
        step: age in environment steps, or None.
        run: name of the run it comes from, or None.
        action_space: of the environment; rows (`agents.flat_spaces`) in place of a dictionary or tuple.
        remembers: whether its decisions depend on what it saw before.
        deterministic: whether it takes its most probable action where a call does not say; else it draws one.
        predicts: whether the value of its decisions means anything: who only imitated knows no rewards.
        searched: whether it learned from search, which then trusts it more.
    """

    def __init__(
        self,
        policy: BasePolicy,
        observation_space: spaces.Space,
        target: str = "",
        params: dict[str, Any] | None = None,
        step: int | None = None,
        run: str | None = None,
        explores: float = 0.0,
    ) -> None:
        policy.set_training_mode(False)
        self.policy = policy
        self.target = target
        self.params = dict(params or {})
        self.step = step
        self.run = run
        self.action_space = policy.action_space
        self._rows = FlatObservations(observation_space) if is_structured(observation_space) else None
        seen = self._rows or observation_space
        self._shape, self._dtype = seen.shape, seen.dtype
        self._turned = policy_space(observation_space)[1]
        self._device = policy.device
        self.remembers = isinstance(policy, Remembering)
        self.deterministic = self.predicts = True
        self.searched = False
        self._think, self._decide = thinkers_of(policy, explores)

    @classmethod
    def load(cls, run: Run | str, step: int | None = None, device: str = "cpu") -> Player:
        """Load the agent of a run.

        Args:
            run: the run, its name or its path.
            step: which checkpoint; None for the newest.
            device: where it thinks.

        Raises:
            UserError: the run is unknown, not an agent's, has no such checkpoint, or a file of it is corrupt.
        """
        run = run if isinstance(run, Run) else Run.open(run)
        config = run.config
        if config.get("kind") == "task":
            raise UserError(f"{run.name} learned a task; only agents can play.")
        tensors, meta = run.load_model(step)
        settings = from_config(config.get("agent") or "ppo", config.get("settings") or {})
        target = find_target(config["target"])
        observation_space, action_space = target.spaces(settings.params)
        space, action_space = policy_space(observation_space)[0], flat_actions(action_space)
        policy_class, options = policy_of(settings, space)
        try:
            with BuildLimit(tensors.values()):
                policy = policy_class(space, action_space, lambda _: 0.0, **options)
        except (ValueError, TypeError, AssertionError, RuntimeError, ArithmeticError) as error:
            reason = " ".join(str(error).split()).rstrip(".")[:300] or type(error).__name__
            raise UserError(f"The settings of {run.name} describe no network: {reason}.") from error
        load_parameters(policy, tensors)
        policy.to(device)
        age = meta.get("step")
        if not isinstance(age, int):
            raise UserError(f"The meta.json of {run.name}'s checkpoint is corrupt: it has no step.")
        explores = settings.exploration(age)
        player = cls(policy, observation_space, target.name, settings.params, age, run.name, explores)
        player.predicts = not isinstance(settings, CloneSettings)
        player.searched = isinstance(settings, AlphaZeroSettings)
        return player

    @classmethod
    def at_age(cls, run: Run, step: int | None = None) -> Player:
        """Load an agent to look at as it was: before the end of its training it draws its actions, as it did.

        The most probable action flatters the young: of an untrained network it is always the same one, or by
        luck a good one (CartPole, seed 0, step 0: a mean return of 350, and 24 as it really played).

        Args:
            run: the run.
            step: which checkpoint; None for the newest.

        Raises:
            UserError: as `load`.
        """
        player = cls.load(run, step)
        player.deterministic = has_ended(run, player.step)
        return player

    @torch.no_grad()
    def act(
        self,
        obs: Any,
        deterministic: bool | None = None,
        memory: Tensor | None = None,
        mask: np.ndarray | None = None,
    ) -> Decision:
        """Decide on one observation.

        Args:
            obs: of the environment's observation space.
            deterministic: take the most probable action instead of drawing one; None as the player is set.
            memory: that of the decision before, in the same episode; None at its start.
            mask: which actions are allowed, as `envs` write it; None for all.

        Raises:
            UserError: the observation has another shape.
        """
        best = self.deterministic if deterministic is None else deterministic
        thought = self._think(self._tensor(obs, 1), best, memory, self._masks(mask, 1))
        probabilities, values = thought.probabilities, thought.values
        action = self._legal(thought.actions)[0]
        if isinstance(self.action_space, FlatActions):
            action = self.action_space.unflatten(action)
        return Decision(
            action=int(action) if isinstance(self.action_space, spaces.Discrete) else action,
            probabilities=None if probabilities is None else probabilities[0].cpu().numpy(),
            value=float(values[0]) if values is not None and self.predicts else None,
            memory=thought.memory,
            allowed=mask,
            q_values=None if thought.q_values is None else thought.q_values[0].cpu().numpy(),
            quantiles=None if thought.quantiles is None else thought.quantiles[0].cpu().numpy(),
        )

    @torch.no_grad()
    def act_batch(
        self, obs: np.ndarray, deterministic: bool = True, masks: np.ndarray | None = None
    ) -> np.ndarray:
        """Decide on many observations, each the first of an episode for a player that remembers.

        Args:
            obs: (N, *shape).
            deterministic: take the most probable actions instead of drawing them.
            masks: (N, K) bool, which actions are allowed; None for all.

        Returns:
            Actions, (N,) or (N, n).

        Raises:
            UserError: the observations have another shape.
        """
        count = len(obs)
        thought = self._decide(self._tensor(obs, count), deterministic, None, self._masks(masks, count))
        return self._legal(thought.actions)

    def playing(self, deterministic: bool | None = None) -> Playing:
        """Begin many episodes at once; see `Playing`."""
        return Playing(self, self.deterministic if deterministic is None else deterministic)

    def _tensor(self, obs: Any, count: int) -> Tensor:
        if self._rows is not None and not isinstance(obs, np.ndarray):
            obs = self._rows.flatten(obs)
        array = np.asarray(obs, self._dtype)
        try:
            array = array.reshape(count, *(self._shape or ()))
        except ValueError:
            raise UserError(
                f"This agent looks at observations of shape {self._shape}, not {array.shape}."
            ) from None
        tensor = torch.from_numpy(array).to(self._device)
        return tensor.permute(0, 3, 1, 2) if self._turned else tensor

    def _masks(self, masks: np.ndarray | None, count: int) -> Tensor | None:
        if masks is None:
            return None
        return torch.from_numpy(np.asarray(masks, bool).reshape(count, -1)).to(self._device)

    def _legal(self, actions: Tensor) -> np.ndarray:
        space = self.action_space
        array = actions.cpu().numpy().reshape(len(actions), *(space.shape or ()))
        if isinstance(space, spaces.Box):
            if self.policy.squash_output:
                array = self.policy.unscale_action(array)
            array = np.clip(array, space.low, space.high)
        return array.astype(space.dtype, copy=False)


@runtime_checkable
class Remembers(Protocol):
    """A policy that keeps something in mind of each of many episodes."""

    def __call__(self, obs: np.ndarray, /) -> np.ndarray:
        """Decide in the episodes that go on."""
        ...

    def keep(self, going: np.ndarray) -> None:
        """Forget the episodes that are over: `going` (N,) says which of those of the last call go on."""
        ...


class Playing:
    """A player in many episodes at once, from their start on; what it remembers of each is kept here.

    Args:
        player: who plays.
        deterministic: take the most probable actions instead of drawing them.
    """

    def __init__(self, player: Player, deterministic: bool = True) -> None:
        self._player, self._deterministic = player, deterministic
        self._memory: Tensor | None = None

    heeds_masks = True

    @torch.no_grad()
    def __call__(self, obs: np.ndarray, masks: np.ndarray | None = None) -> np.ndarray:
        """Decide in all episodes that still go on: observations (N, *shape), what is allowed, to actions."""
        player, count = self._player, len(obs)
        thought = player._decide(
            player._tensor(obs, count), self._deterministic, self._memory, player._masks(masks, count)
        )
        self._memory = thought.memory
        return player._legal(thought.actions)

    def keep(self, going: np.ndarray) -> None:
        """Forget the episodes that are over.

        Args:
            going: (N,) bool, which of those of the last call go on.
        """
        if self._memory is not None:
            self._memory = self._memory[torch.from_numpy(going).to(self._memory.device)]

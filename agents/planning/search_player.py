"""Who plays by search: one episode at a time, or many for `agents.evaluate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from agents.environments import Target, find_target
from agents.planning.search import Search
from agents.player import Player
from agents.viewing.decision import Decision
from sandbox.errors import UserError


class SearchPlayer:
    """Decides by search; has `act` like `agents.player.Player`, and needs the state beside the observation.

    Args:
        target: an environment of ours.
        params: parameters that differ from their defaults.
        player: the agent that guides the search; None for none.
        **options: of `Search`.

    Raises:
        UserError: an environment that is not ours, actions that are not discrete, or an agent with a memory.
    """

    remembers = False

    def __init__(
        self,
        target: str | Target,
        params: Mapping[str, Any] | None = None,
        player: Player | None = None,
        **options: Any,
    ) -> None:
        target = find_target(target) if isinstance(target, str) else target
        if target.environment is None:
            raise UserError(f"A search needs an environment of ours, which {target.name} is not.")
        if player is not None and player.remembers:
            raise UserError("A search cannot be guided by an agent with a memory.")
        self.target, self.params = target.name, dict(params or {})
        self.action_space = target.environment.action_space
        self.step = None if player is None else player.step
        self.run = None if player is None else player.run
        self.search = Search(target.environment, params, player=player, **options)

    def act(self, obs: Any, *, state: np.void, mask: np.ndarray | None = None, **_: Any) -> Decision:
        """Decide in a state."""
        found = self.search.find(state)
        shares = found.visits / max(1, found.visits.sum())
        start = int(self.action_space.start) if isinstance(self.action_space, spaces.Discrete) else 0
        return Decision(start + found.action, shares.astype(np.float32), found.value, allowed=mask)


class SearchPolicy:
    """The same for `agents.evaluate`: decides in many episodes, one after the other.

    Args:
        target: an environment of ours.
        params: parameters that differ from their defaults.
        player: the agent that guides the search; None for none.
        **options: of `Search`.
    """

    needs_states = True

    def __init__(self, *target: Any, **options: Any) -> None:
        self._player = SearchPlayer(*target, **options)

    def __call__(self, states: np.ndarray) -> np.ndarray:
        """Decide in each of the states (N,)."""
        return np.array([self._player.act(None, state=state).action for state in states], np.int64)

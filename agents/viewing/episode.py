"""One environment played step by step, for everything that shows play: the window and the studio's Arena.

    episode = Episode("cartpole", Player.load(run), seed=0)
    for moment in episode:            # to the end of one episode
        send(moment.ops)

Who plays may change at any time (`episode.player`, `episode.control`), as may the parameters; steps can be
taken back. No window is needed here.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, cast

import numpy as np
from gymnasium import spaces

from agents.viewing.decision import Decision
from agents.viewing.moment import Moment
from agents.viewing.viewed_environment import World, open_world
from envs.engine.canvas import Canvas, DisplayList
from sandbox.errors import UserError

Control = Literal["agent", "random", "baseline", "human", "search"]

KEPT = 1000
"""Steps that can be taken back."""
THINKING = 0.1
"""Seconds that a search has for a decision."""


class Episode:
    """Plays one environment, one step at a time.

    Args:
        target: `cartpole`, a Gymnasium id, or a world that is already open.
        player: has `act(obs) -> Decision`, such as `agents.player.Player`; None where no agent plays.
            One that remembers also looks on while somebody else plays; one with a `look` is given what that
            makes of the world instead of the observation.
        seed: of the first episode and of random actions.
        params: parameters that differ from their defaults.
        control: who plays; None for the agent if there is a player, else random actions.
        ops: whether moments carry drawing operations; without them use `draw`.

    Attributes:
        world: the environment.
        moment: the present one.
        seed: of this episode; None for one that continues the generator.
        number: of this episode, from 1.

    Raises:
        UserError: there is no such environment, with the nearest names; or it has no picture; or nobody to
            control it in this way.
        BadParameter: no such parameter, or a value outside its range.
    """

    def __init__(
        self,
        target: str | World,
        player: Any = None,
        *,
        seed: int | None = 0,
        params: Mapping[str, Any] | None = None,
        control: Control | None = None,
        ops: bool = True,
    ):
        self.world = target if isinstance(target, World) else open_world(target, params)
        if isinstance(target, World) and params:
            self.world.set_params(**params)
        self._ops = ops
        self._player = player
        self._control: Control = "agent" if player is not None else "random"
        self._random = np.random.default_rng(seed)
        self._past: deque[tuple[bytes, Moment, Any, Any]] = deque(maxlen=KEPT)
        self._search: Any = None  # made when somebody asks for it
        self._memory: Any = None  # what the player remembers of all before the present moment
        self._remembered: Any = None  # and with the present moment
        self._notes: Any = None  # the same of the hand-written player
        self._noted: Any = None
        self.number = 0
        if control is not None:
            self._check_control(control)
            self._control = control
        self.restart(seed)

    def __iter__(self) -> Iterator[Moment]:
        """The present moment and all later ones of this episode."""
        yield self.moment
        while not self.moment.over:
            yield self.step()

    @property
    def player(self) -> Any:
        """The agent, or None. Setting one makes it decide from the present moment on."""
        return self._player

    @player.setter
    def player(self, player: Any) -> None:
        if player is None or getattr(player, "run", None) != getattr(self._player, "run", None):
            # An older or younger self understands what was remembered; anybody else would not.
            self._memory = None
            self._past = deque(((state, moment, None, notes) for state, moment, _, notes in self._past), KEPT)
        self._player = player
        if player is None and self._control == "agent":
            self._control = "random"
        self._rethink()

    @property
    def control(self) -> Control:
        """Who plays: `agent`, `random`, `baseline`, `human` or `search`; setting it takes effect at once.

        A search is led by the agent, if there is one.

        Raises:
            UserError: there is no agent, no hand-written player, or nothing that can be searched.
        """
        return self._control

    @control.setter
    def control(self, control: Control) -> None:
        self._check_control(control)
        self._control = control
        self._rethink()

    @property
    def params(self) -> dict[str, Any]:
        """Present values of the environment's parameters."""
        return self.world.params

    def set_params(self, **values: Any) -> None:
        """Turns parameters in the middle of the episode.

        Raises:
            BadParameter: no such parameter, or a value outside its range.
        """
        self.world.set_params(**values)
        self._rethink()

    def restart(self, seed: int | None = None) -> Moment:
        """Begins a new episode.

        Args:
            seed: the same seed gives the same episode; None gives the next one of the generator.
        """
        obs, info = self.world.reset(seed)
        if seed is not None:
            self._random = np.random.default_rng(seed)
        self.seed = seed
        self.number += 1
        self._past.clear()
        self._memory = self._notes = None
        decision = self._decide(obs)
        ops = self._draw_ops(decision)
        self.moment = Moment(ops, obs, None, decision, 0.0, 0.0, 0, False, False, info)
        return self.moment

    def step(self, action: Any = None) -> Moment:
        """Plays one action; at the end of an episode begins the next one instead.

        Args:
            action: played instead of what the player decided. For a human None means no key: the idle action
                of the environment, or the last action again.
        """
        now = self.moment
        if now.over:
            return self.restart()
        if action is None:
            action = self._idle_action() if now.decision is None else now.decision.action
        if (state := self.world.snapshot()) is not None:
            self._past.append((state, now, self._memory, self._notes))
        self._memory, self._notes = self._remembered, self._noted
        obs, reward, terminated, truncated, info = self.world.step(action)
        decision = None if terminated or truncated else self._decide(obs)
        total, count = now.episode_return + reward, now.step + 1
        ops = self._draw_ops(decision)
        self.moment = Moment(ops, obs, action, decision, reward, total, count, terminated, truncated, info)
        return self.moment

    def back(self) -> bool:
        """Takes the last step back; False where it cannot be: at the start, or in a foreign environment."""
        if not self._past:
            return False
        state, moment, self._memory, self._notes = self._past.pop()
        self.world.restore(state)
        self.moment = moment
        self._rethink()
        return True

    def draw(self, canvas: Canvas) -> None:
        """Draws the present state on a canvas of `world.size`, and what the player saw over it."""
        self._draw(canvas, self.moment.decision)

    def close(self) -> None:
        """Lets go of what the environment holds."""
        self.world.close()

    def _check_control(self, control: Control) -> None:
        if control == "agent" and self._player is None:
            raise UserError(f"There is no agent for {self.world.id} yet; train one first.")
        if control == "baseline" and not self.has_baseline:
            raise UserError(f"{self.world.id} has no hand-written player.")
        if control == "search":
            self._searching()

    def _searching(self) -> Any:
        """The player that looks ahead, made anew when the agent or a parameter has changed."""
        wanted = self.params, self._player
        if self._search is None or self._search[0] != wanted:
            from agents.planning import SearchPlayer  # with torch, which people who play do not wait for

            player = SearchPlayer(self.world.id, *wanted, seconds=THINKING)
            self._search = wanted, player
        return self._search[1]

    @property
    def has_baseline(self) -> bool:
        """Whether a hand-written player comes with the environment."""
        return self.world.environment is not None and self.world.environment.baseline is not None

    def _decide(self, obs: Any) -> Decision | None:
        mask = self.world.mask()
        decision = self._decide_among(obs, mask)
        return decision if mask is None or decision is None else replace(decision, allowed=mask)

    def _decide_among(self, obs: Any, mask: np.ndarray | None) -> Decision | None:
        space, environment = self.world.action_space, self.world.environment
        player, thought, written = self._player, None, None
        allowed: dict[str, Any] = {} if mask is None else {"mask": mask}
        look = getattr(player, "look", None)
        seen = obs if look is None else look(obs, *self.world.records)
        if player is not None and getattr(player, "remembers", False):
            thought = player.act(seen, memory=self._memory, **allowed)
            self._remembered = thought.memory
        if environment is not None and (self._control == "baseline" or environment.baseline_remembers):
            written, self._noted = environment.baseline_step(obs, self._notes)
        if self._control == "human":
            return None
        if self._control == "agent":
            return thought or cast(Any, player).act(seen, **allowed)
        if self._control == "baseline":
            return Decision(written)
        if self._control == "search":
            return self._searching().act(obs, state=self.world.state)
        if isinstance(space, spaces.Discrete):
            n = int(space.n)
            choices = np.arange(n) if mask is None else np.flatnonzero(mask)
            chances = np.zeros(n, np.float32)
            chances[choices] = 1 / len(choices)
            return Decision(int(space.start + choices[self._random.integers(len(choices))]), chances)
        space.seed(int(self._random.integers(2**31)))
        if mask is not None and isinstance(space, spaces.MultiDiscrete):
            parts = np.split(mask.view(np.int8), np.cumsum(space.nvec)[:-1])
            return Decision(space.sample(mask=tuple(parts)))
        return Decision(space.sample())

    def _idle_action(self) -> Any:
        """What happens when a person presses nothing."""
        environment, space = self.world.environment, self.world.action_space
        if environment is not None and environment.idle_action is not None:
            return environment.idle_action
        if self.moment.action is not None:
            return self.moment.action
        if isinstance(space, spaces.Discrete):
            return int(space.start)
        # Nothing was pressed yet: the middle of the space, which for pushes is no push.
        if isinstance(space, spaces.Box):
            middle = np.clip(np.zeros(space.shape), space.low, space.high)
            return middle.astype(space.dtype)
        return np.zeros(space.shape or (), space.dtype)

    def _rethink(self) -> None:
        """Decides anew about the present moment: who plays, or the world, has changed."""
        now = self.moment
        decision = None if now.over else self._decide(now.obs)
        self.moment = replace(now, decision=decision, ops=self._draw_ops(decision))

    def _draw_ops(self, decision: Decision | None) -> list[list]:
        if not self._ops:
            return []
        canvas = DisplayList(self.world.size)
        self._draw(canvas, decision)
        return canvas.ops

    def _draw(self, canvas: Canvas, decision: Decision | None) -> None:
        self.world.draw(canvas)
        if decision is not None and decision.overlay is not None:
            decision.overlay(canvas)

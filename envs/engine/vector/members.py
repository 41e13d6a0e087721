"""The environments of a batch one by one: what `call`, `get_attr`, `set_attr` and `env_method` reach.

Gymnasium and Stable-Baselines3 keep a list of environments, whose attributes and methods they pass on. Ours
are rows of one array. A member is a `SingleEnv` whose batch is one of these rows, made when somebody asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from envs.engine.core.attributes import NamedAttributes, field_values, get_param, named_params
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv
from envs.engine.core.snapshot import pack, unpack
from envs.engine.environment import Environment
from envs.engine.errors import BadArray, BadAttribute


class Row(Batch):
    """One environment of a larger batch as a batch of one, which cannot be stepped.

    Attributes:
        whole: the batch that it belongs to.
        index: its place there.
    """

    def __init__(self, whole: Batch, index: int) -> None:
        self.whole, self.index = whole, index
        self.environment, self.num_envs = whole.environment, 1
        self.max_episode_steps = whole.max_episode_steps
        self.states = whole.states[index : index + 1]
        self.final_states = whole.final_states[index : index + 1]
        self.params = whole.params
        space = whole.environment.observation_space
        self._obs = np.empty((whole.num_envs, *(space.shape or ())), space.dtype)

    def set_params(self, **values: Any) -> None:
        """Change parameters if there is no other environment that shares them.

        Raises:
            BadAttribute: there is one.
        """
        if self.whole.num_envs > 1:
            raise _shared(self.environment, next(iter(values), "params"))
        self.whole.set_params(**values)

    def reset(self, obs: np.ndarray, mask: np.ndarray | None = None) -> None:
        """Begin a new episode in this environment alone, and write its observation."""
        chosen = np.zeros(self.whole.num_envs, np.bool_)
        chosen[self.index] = mask is None or mask[0]
        self.whole.reset(self._obs, chosen)
        obs[0] = self._obs[self.index]

    def observe(self, obs: np.ndarray) -> None:
        """Write the present observation."""
        self.whole.observe(self._obs)
        obs[0] = self._obs[self.index]

    def action_masks(self, masks: np.ndarray) -> None:
        """Write which actions are allowed now."""
        everyone = np.empty((self.whole.num_envs, self.environment.mask_size), np.bool_)
        self.whole._write_masks(everyone, 0, self.index, self.index + 1)
        masks[0] = everyone[self.index]

    def step(self, *_: Any, **__: Any) -> int:
        """Refuse: the batch steps all of its environments together.

        Raises:
            BadAttribute: always.
        """
        raise BadAttribute("One environment of a batch cannot be stepped alone; step all of them.")

    def snapshot(self) -> bytes:
        """Everything that decides how the episode goes on, as of a batch of one."""
        return pack(self.environment, np.array([self.params], self.environment.param_dtype), self.states)

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot of one environment under the same parameters.

        Raises:
            BadSnapshot: not such a snapshot, or damaged.
            BadAttribute: it has other parameters, which all environments of the batch share.
        """
        params, states = unpack(self.environment, 1, snapshot)
        if params[0] != self.params:
            raise _shared(self.environment, "params")
        self.states.view(np.uint8)[:] = states.view(np.uint8)

    def __reduce__(self) -> tuple[Any, ...]:
        return Row, (self.whole, self.index)


class Members(Sequence[SingleEnv]):
    """All environments of a batch, each made when it is first asked for."""

    def __init__(self, batch: Batch, render_mode: str | None, spec: Any = None) -> None:
        """Begin with none.

        Args:
            batch: whose rows they are.
            render_mode: of each.
            spec: of each, see `gymnasium.Env.spec`.
        """
        self.batch, self.render_mode, self.spec = batch, render_mode, spec
        self._made: dict[int, SingleEnv] = {}
        self._names: set[str] = set()

    def __len__(self) -> int:
        return self.batch.num_envs

    def __getitem__(self, index: Any) -> Any:
        index = range(len(self))[index]
        if isinstance(index, range):
            return [self[i] for i in index]
        if index not in self._made:
            env = SingleEnv(
                self.batch.environment, render_mode=self.render_mode, batch=Row(self.batch, index)
            )
            env.spec = self.spec
            self._made[index] = env
        return self._made[index]

    def get(self, name: str, indices: Sequence[int]) -> list[Any]:
        """An attribute of some environments.

        Raises:
            BadAttribute: there is none of that name.
        """
        environment = self.batch.environment
        if name in self._names:
            return [getattr(self[i], name) for i in indices]
        # Without making them: a batch may have thousands.
        if name == "render_mode":
            return [self.render_mode] * len(indices)
        if name in environment.params:
            return [get_param(self.batch.params, name)] * len(indices)
        if name in (environment.state.names or ()):
            return [self.batch.states[name][i].copy() for i in indices]
        return [getattr(self[i], name) for i in indices]

    def set(self, name: str, value: Any, indices: Sequence[int]) -> None:
        """Set an attribute of some environments to one value.

        Raises:
            BadAttribute: a parameter of some of them, which all share; or not a value for this field.
            BadParameter: a value outside the parameter's range.
        """
        environment = self.batch.environment
        if name in environment.params or name == "params":
            if set(indices) != set(range(len(self))):
                raise _shared(environment, name)
            values = {name: value} if name in environment.params else named_params(environment, value)
            self.batch.set_params(**values)
        elif name in (environment.state.names or ()):
            self.batch.states[name][list(indices)] = field_values(environment, name, value, len(indices))
        else:
            self._names.add(name)
            for i in indices:
                setattr(self[i], name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return (
            type(self),
            (self.batch, self.render_mode, self.spec),
            {"_made": self._made, "_names": self._names},
        )


class MemberAccess(NamedAttributes):
    """The methods of Gymnasium's `SyncVectorEnv` that reach single environments.

    Attributes:
        members: the environments.
    """

    members: Members

    def reach(self) -> AbstractContextManager[Members]:
        """The environments as they stand, for as long as they are looked at or changed."""
        return nullcontext(self.members)

    @property
    def params(self) -> Any:
        """The record of parameters; may be changed at any time."""
        return self.members.batch.params

    @params.setter
    def params(self, values: Any) -> None:
        self.members.batch.set_params(**named_params(self.environment, values))

    @property
    def state(self) -> Any:
        """The records of the present states."""
        with self.reach() as members:
            return members.batch.states

    @state.setter
    def state(self, values: Any) -> None:
        self.set_attr("state", list(values))

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Call a method of every environment, or read an attribute of each, as `SyncVectorEnv.call` does.

        Args:
            name: of a method of `SingleEnv`, a parameter, a field of the state or any other attribute.
            *args: arguments of the method.
            **kwargs: its keyword arguments.

        Raises:
            BadAttribute: there is none of that name.
        """
        with self.reach() as members:
            found = members.get(name, range(len(members)))
            return tuple(one(*args, **kwargs) if callable(one) else one for one in found)

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """A parameter, a field of the state or any other attribute of every environment.

        Raises:
            BadAttribute: there is none of that name.
        """
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of every environment, as `SyncVectorEnv.set_attr` does.

        Args:
            name: a parameter, which all environments share, a field of the state, or any other name.
            values: a list or tuple with one value for each environment, or one value for all.

        Raises:
            BadArray: not as many values as environments.
            BadAttribute: a parameter with several values, or not a value for this field.
            BadParameter: a value outside the parameter's range.
        """
        with self.reach() as members:
            everyone = range(len(members))
            if not isinstance(values, (list, tuple)):
                members.set(name, values, everyone)
                return
            if len(values) != len(everyone):
                raise BadArray(f"{len(everyone)} environments need as many values, not {len(values)}.")
            if name in self.environment.params and all(one == values[0] for one in values):
                members.set(name, values[0], everyone)
                return
            for i, one in enumerate(values):
                members.set(name, one, [i])

    def _get_named(self, name: str) -> Any:
        with self.reach() as members:
            if name in self.environment.params:
                return get_param(members.batch.params, name)
            return members.batch.states[name].copy()

    def _set_named(self, name: str, value: Any) -> None:
        with self.reach() as members:
            if name in self.environment.params:
                members.batch.set_params(**{name: value})
            else:
                members.batch.states[name] = field_values(self.environment, name, value, len(members))


def _shared(environment: Environment, name: str) -> BadAttribute:
    return BadAttribute(
        f"{name} of {environment.id} is shared by all environments of a batch; set it for all of them."
    )

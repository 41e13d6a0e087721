"""`Batch`: many copies of one environment, stepped together by compiled code into arrays the caller owns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from envs.engine.core.array_checks import check_arrays, check_memory
from envs.engine.core.compile import Backend, default_backend, load_kernels
from envs.engine.core.kernels import BAD_ACTION, IS_OVER, NOT_BEGUN, SAME_STEP
from envs.engine.core.snapshot import pack, unpack
from envs.engine.core.threads import SMALLEST, Split, default_threads
from envs.engine.environment import Environment
from envs.engine.errors import BadAction, BadArray, BrokenEnvironment, EnvironmentProblem, ResetNeeded
from envs.engine.random import rng_states, seed_array

F4 = np.dtype(np.float32)
NO_F8, NO_F4 = np.empty(0, np.float64), np.empty(0, np.float32)


class Batch:
    """Many copies of one environment that share their parameters.

    Environment `i` of a batch seeded with `s` plays the same episodes as a single environment seeded with `s
    + i`, whatever the size of the batch.

    Attributes:
        environment: what is played.
        num_envs: how many copies.
        max_episode_steps: steps after which an episode is truncated, or None for never.
        states: one record for each copy; fields are those of the environment's `state` and the engine's
            `rng`, `steps` and `over`.
        final_states: where an environment finished in the last SAME_STEP step, the last state of that
            episode.
        params: the record of parameters; may be changed at any time. `set_params` checks values, this does
            not.
    """

    def __init__(
        self,
        environment: Environment,
        num_envs: int,
        *,
        params: Mapping[str, Any] | None = None,
        max_episode_steps: int | None = None,
        backend: Backend | None = None,
        num_threads: int | None = None,
    ) -> None:
        """Make a batch; compiles the environment if that was never done.

        Args:
            environment: what is played, from `envs.find`.
            num_envs: how many copies.
            params: parameters that differ from their defaults.
            max_episode_steps: steps after which an episode is truncated; None for never.
            backend: "compiled", "checked" or "python"; None for the first, or the last if NUMBA_DISABLE_JIT
                is set.
            num_threads: most threads to step with, which large batches do where it pays; None for
                OMP_NUM_THREADS, or all cores if that is not set. Episodes do not depend on it.

        Raises:
            BadParameter: no such parameter, or a value outside its range.
            BrokenEnvironment: the environment's functions cannot be compiled.
            CheckFailed: they are new and return what they must not, such as a reward that is no number.
        """
        if num_envs < 1:
            raise BadArray(f"A batch needs at least one environment, not {num_envs}.")
        if num_threads is not None and num_threads < 1:
            raise BadArray(f"A batch needs at least one thread, not {num_threads}.")
        check_memory(environment, num_envs)
        self.environment = environment
        self.num_envs = num_envs
        self.max_episode_steps = max_episode_steps
        both = np.zeros(2 * num_envs, environment.state_dtype)
        self.states, self.final_states = both[:num_envs], both[num_envs:]
        self.states["over"] = True  # until the first reset
        self._params = environment.param_values(**(params or {}))
        self.params: Any = self._params[0]
        self._raw_states = both.view(np.uint8)
        self._raw_params = self._params.view(np.uint8)
        try:
            kernels = load_kernels(environment, backend or default_backend())
        except EnvironmentProblem:
            raise
        except Exception as error:
            raise BrokenEnvironment.from_error(environment, error) from error
        self._step, self._reset, self._mask = kernels.step, kernels.reset, kernels.mask
        threads = default_threads() if num_threads is None else num_threads
        if threads > 1 and num_envs >= SMALLEST and kernels.releases_lock:
            self._step = Split(kernels.step, num_envs, threads)
            self._mask = kernels.mask and Split(kernels.mask, num_envs, threads)
        self._limit = max_episode_steps or 0
        self._backend: Backend | None = backend
        self._num_threads = num_threads
        self._everyone = np.ones(num_envs, np.bool_)
        self._nobody = np.zeros(num_envs, np.bool_)
        self.seed(np.random.SeedSequence().generate_state(num_envs, np.uint64))

    def seed(self, seed: int | Sequence[int] | np.ndarray, mask: np.ndarray | None = None) -> None:
        """Set the random generators. Takes effect in the next draw, so usually with the next `reset`.

        Args:
            seed: environment `i` gets `seed + i`; or one int for each environment.
            mask: bool, shape (num_envs,): which environments are seeded; None for all.
        """
        seeded = slice(None) if mask is None else mask
        self.states["rng"][seeded] = rng_states(seed_array(seed, self.num_envs))[seeded]

    def reset(self, obs: np.ndarray, mask: np.ndarray | None = None) -> None:
        """Begin new episodes and write observations.

        Args:
            obs: written; the first observations of new episodes, the present ones of all other environments.
            mask: bool, shape (num_envs,): which environments begin a new episode; None for all.

        Raises:
            ResetNeeded: the first reset leaves some environments out. Nothing was done.
        """
        self._call(self._reset, self._everyone if mask is None else mask, obs)

    def observe(self, obs: np.ndarray) -> None:
        """Write the present observations, for instance after `restore`.

        Raises:
            ResetNeeded: there was no reset yet.
        """
        self._call(self._reset, self._nobody, obs)

    def step(
        self,
        actions: np.ndarray,
        obs: np.ndarray,
        rewards: np.ndarray,
        terminated: np.ndarray,
        truncated: np.ndarray,
        final_obs: np.ndarray | None = None,
        autoreset: int = SAME_STEP,
    ) -> int:
        """Play one action in every environment. All arrays are C-contiguous, their first axis is `num_envs`.

        Args:
            actions: dtype of the action space; int64 for `Discrete`.
            obs: written; dtype of the observation space.
            rewards: written; float64 or float32.
            terminated: written; bool: the environment came to an end.
            truncated: written; bool: the episode was cut off after `max_episode_steps`.
            final_obs: rows of finished environments are written with the last observation of the old episode,
                while `obs` gets the first one of the new. Only for SAME_STEP.
            autoreset: SAME_STEP, NEXT_STEP or DISABLED of `envs.engine.core.kernels`.

        Returns:
            How many environments finished an episode in this step.

        Raises:
            BadAction: an action outside the action space. Nothing was done.
            BadArray: an array of wrong shape, dtype or layout. Nothing was done.
            ResetNeeded: there was no reset yet, or an episode is over in DISABLED mode. Nothing was done.
            BrokenEnvironment: the environment's code raised an exception.
        """
        try:
            single = rewards.dtype is F4
            finished = self._step(
                self._raw_states,
                self._raw_params,
                actions,
                obs,
                NO_F8 if single else rewards,
                rewards if single else NO_F4,
                terminated,
                truncated,
                obs if final_obs is None else final_obs,
                autoreset,
                self._limit,
                0,
                self.num_envs,
            )
        except Exception as error:
            self._check(
                actions=actions, obs=obs, rewards=rewards, terminated=terminated, truncated=truncated,
                final_obs=obs if final_obs is None else final_obs,
            )  # fmt: skip
            raise BrokenEnvironment.from_error(self.environment, error) from error
        if finished < 0:
            self._refuse(
                finished, actions=actions, obs=obs, rewards=rewards, terminated=terminated,
                truncated=truncated, final_obs=obs if final_obs is None else final_obs,
            )  # fmt: skip
        return finished

    def action_masks(self, masks: np.ndarray) -> None:
        """Write which actions are allowed now.

        Args:
            masks: written; bool, shape (num_envs, mask_size of the environment), True for allowed.

        Raises:
            BadArray: all actions of this environment are always allowed, or the array does not fit.
            ResetNeeded: there was no reset yet.
        """
        self._write_masks(masks, 0, 0, self.num_envs)

    def final_masks(self, masks: np.ndarray, finished: Iterable[int]) -> None:
        """Write what the last states of episodes allowed that ended in the last SAME_STEP step.

        Args:
            masks: as for `action_masks`; only the rows of these environments are written.
            finished: which environments.
        """
        for i in finished:
            self._write_masks(masks, self.num_envs, i, i + 1)

    def _write_masks(self, masks: np.ndarray, first: int, start: int, stop: int) -> None:
        if self._mask is None:
            raise BadArray(f"{self.environment.id} has no mask: all actions are always allowed.")
        try:
            code = self._mask(self._raw_states, self._raw_params, masks, first, start, stop)
        except Exception as error:
            self._check(masks=masks)
            raise BrokenEnvironment.from_error(self.environment, error) from error
        if code < 0:
            self._refuse(code, masks=masks)

    def set_params(self, **values: Any) -> None:
        """Change parameters, now and for all environments.

        Raises:
            BadParameter: no such parameter, or a value outside its range. Nothing was changed.
        """
        checked = {name: self.environment.checked_param(name, value) for name, value in values.items()}
        for name, value in checked.items():
            self._params[name] = value

    def snapshot(self) -> bytes:
        """Everything that decides how the episodes go on: states, generators and parameters."""
        return pack(self.environment, self._params, self.states)

    def restore(self, snapshot: bytes) -> None:
        """Go back to a `snapshot` of a batch of the same environment and size.

        Raises:
            BadSnapshot: not such a snapshot, or damaged. Nothing was changed.
        """
        params, states = unpack(self.environment, self.num_envs, snapshot)
        # As bytes: the padding of a record belongs to its snapshot as well.
        self._raw_params[:] = params.view(np.uint8)
        self._raw_states[: states.nbytes] = states.view(np.uint8)

    def __reduce__(self) -> tuple[Any, ...]:
        # The arrays are views of one another, which copies of them would not be.
        settings = {
            "max_episode_steps": self.max_episode_steps,
            "backend": self._backend,
            "num_threads": self._num_threads,
        }
        return _rebuild, (self.environment, self.num_envs, settings, self.snapshot())

    def _call(self, kernel: Any, mask: np.ndarray, obs: np.ndarray) -> None:
        try:
            code = kernel(self._raw_states, self._raw_params, mask, obs, 0, self.num_envs)
        except Exception as error:
            self._check(mask=mask, obs=obs)
            raise BrokenEnvironment.from_error(self.environment, error) from error
        if code < 0:
            self._refuse(code, mask=mask, obs=obs)

    def _check(self, **arrays: Any) -> None:
        check_arrays(self.environment, self.num_envs, **arrays)

    def _refuse(self, code: int, **arrays: np.ndarray) -> None:
        self._check(**arrays)
        if code == BAD_ACTION:
            space = self.environment.action_space
            box = isinstance(space, spaces.Box)
            for i, action in enumerate(arrays["actions"]):
                # Environments limit numbers of a Box themselves; what no limit helps is NaN.
                if np.isnan(action).any() if box else not space.contains(action):
                    sentence = f"Action {action} of environment {i} is not in {space}."
                    raise BadAction(" ".join(sentence.split()))
        name = self.environment.id
        if code == NOT_BEGUN:
            raise ResetNeeded(f"{name} has not begun: call reset() for all environments first.")
        if code == IS_OVER:
            over = int(np.flatnonzero(self.states["over"])[0])
            which = name if self.num_envs == 1 else f"environment {over} of {self.num_envs} {name}"
            raise ResetNeeded(f"The episode of {which} is over: call reset() before the next step.")
        raise BadArray(f"The arrays given to a batch of {self.num_envs} {self.environment.id} do not fit.")


def _rebuild(environment: Environment, num_envs: int, settings: dict[str, Any], snapshot: bytes) -> Batch:
    """A batch from its copied or pickled parts."""
    batch = Batch(environment, num_envs, **settings)
    batch.restore(snapshot)
    return batch

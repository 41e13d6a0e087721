"""`BatchVectorEnv`: a compiled batch as a Gymnasium vector environment; what `gym.make_vec` returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from envs.engine.core.actions import action_array
from envs.engine.core.batch import Batch
from envs.engine.core.kernels import SAME_STEP
from envs.engine.environment import Environment
from envs.engine.errors import BadArray
from envs.engine.vector.engine_vector_env import RENDER_MODES, EngineVectorEnv, draw_each
from envs.engine.vector.members import MemberAccess, Members


class BatchVectorEnv(MemberAccess, EngineVectorEnv):
    """Many copies of one environment behind Gymnasium's `VectorEnv`. All arrays it returns are new ones.

    Parameters and fields of the state are also attributes: `vector.gravity = 3.7` counts for all environments
    from the next step on, `vector.x` has a value for each.

    Attributes:
        batch: the compiled batch; its `params` may be changed at any time.
        params: the same record of parameters.
    """

    def __init__(
        self,
        environment: str | Environment,
        num_envs: int = 1,
        *,
        max_episode_steps: int | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
        num_threads: int | None = None,
        **params: Any,
    ) -> None:
        """Make the environments; `gym.make_vec(id, num_envs=64, ...)` calls this.

        Args:
            environment: the environment or its name.
            num_envs: how many copies.
            max_episode_steps: steps after which an episode is truncated; None for never.
            autoreset_mode: what happens to finished environments, see `gymnasium.vector.AutoresetMode`.
            render_mode: None, "rgb_array" or "rgb_array_list".
            num_threads: most threads to step with; None for OMP_NUM_THREADS, or all cores. See `Batch`.
            **params: parameters of the environment that differ from their defaults.

        Raises:
            BadParameter: no such parameter, or a value outside its range.
        """
        super().__init__(environment, num_envs, autoreset_mode, render_mode)
        environment = self.environment
        self.batch = Batch(
            environment,
            num_envs,
            params=params,
            max_episode_steps=max_episode_steps,
            num_threads=num_threads,
        )
        self._action_dtype = np.dtype(environment.action_space.dtype)
        self._obs_dtype = np.dtype(environment.observation_space.dtype)
        self._obs_shape = (num_envs, *(environment.observation_space.shape or ()))
        self._info = environment.info
        self._masked = environment.mask is not None
        self._over = np.zeros(num_envs, np.bool_)
        self.members = Members(self.batch, "rgb_array" if render_mode in RENDER_MODES else render_mode)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin new episodes.

        Args:
            seed: environment `i` gets `seed + i`, or the `i`-th of a list; None goes on with the present
                generators, and lets `np_random` choose if there are none.
            options: {"reset_mask": bool array} seeds these environments and begins new episodes in them
                only; the observations of the others are returned as they are.

        Returns:
            Observations and infos.

        Raises:
            BadArray: a wrong mask, or not as many seeds as environments. Nothing was done.
            ResetNeeded: the first reset has a mask that leaves some environments out.
        """
        mask = None
        if options is not None and "reset_mask" in options:
            mask = self._checked_mask(options["reset_mask"])
        super().reset(seed=int(seed) if isinstance(seed, (int, np.integer)) else None)
        if isinstance(seed, (int, np.integer)):
            self.batch.seed(int(seed), mask)
        elif seed is not None:
            self._seed_each(seed, mask)
        elif not self._seeded:
            self.batch.seed(self.np_random.integers(2**64, size=self.num_envs, dtype=np.uint64))
        self._seeded = True
        obs = np.empty(self._obs_shape, self._obs_dtype)
        self.batch.reset(obs, mask)
        if self._frame_lists is not None:
            begun = np.ones(self.num_envs, np.bool_) if mask is None else mask
            self._frame_lists.after_reset(begun)
            self._over &= ~begun
        return obs, self._infos(mask)

    def step(self, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Play one action in every environment.

        Args:
            actions: one for each environment.

        Returns:
            Observations, rewards (float64), terminated, truncated (bool) and infos. In SAME_STEP mode
            `infos["final_obs"]` and `infos["final_info"]` hold what finished episodes ended with.

        Raises:
            BadAction: an action outside the action space. Nothing was done.
            BadArray: not one action for each environment. Nothing was done.
            ResetNeeded: there was no reset yet, or an episode is over in DISABLED mode. Nothing was done.
        """
        n = self.num_envs
        # Compiled code takes one dtype, and neither strided nor read-only arrays; it refuses other shapes.
        is_array = isinstance(actions, np.ndarray)
        if not is_array or actions.dtype != self._action_dtype or not actions.flags.carray:
            actions = action_array(self.single_action_space, actions, n)
        obs = np.empty(self._obs_shape, self._obs_dtype)
        rewards = np.empty(n)
        terminated = np.empty(n, np.bool_)
        truncated = np.empty(n, np.bool_)
        final_obs = np.empty_like(obs) if self._mode == SAME_STEP else None
        finished = self.batch.step(actions, obs, rewards, terminated, truncated, final_obs, self._mode)
        infos = self._infos() if self._info or self._masked else {}
        if finished and final_obs is not None:
            self._add_final(infos, terminated | truncated, final_obs)
        if self._frame_lists is not None:
            done = terminated | truncated
            self._frame_lists.after_step(done if self._mode == SAME_STEP else self._over)
            self._over = done
        return obs, rewards, terminated, truncated, infos

    def _draw(self) -> tuple[np.ndarray, ...]:
        return draw_each(self.batch.environment, self.batch.states, self.params)

    def _add_final(self, infos: dict[str, Any], done: np.ndarray, final_obs: np.ndarray) -> None:
        """What episodes ended with, in the form of Gymnasium's own vector environments."""
        rows = np.empty(self.num_envs, object)
        for i in np.flatnonzero(done):
            rows[i] = final_obs[i].copy()
        last: dict[str, Any] = {}
        for name in self._info:
            values = self.batch.final_states[name]
            last[name] = np.zeros_like(values)
            last[name][done] = values[done]
            last[f"_{name}"] = done.copy()
        if self._masked:
            masks = np.zeros((self.num_envs, self.environment.mask_size), np.bool_)
            self.batch.final_masks(masks, np.flatnonzero(done))
            last |= {"action_mask": masks.view(np.int8), "_action_mask": done.copy()}
        infos["final_obs"], infos["_final_obs"] = rows, done
        infos["final_info"], infos["_final_info"] = last, done.copy()

    def _infos(self, mask: np.ndarray | None = None) -> dict[str, Any]:
        infos: dict[str, Any] = {}
        for name in self._info:
            infos[name] = self.batch.states[name].copy()
            if mask is not None:
                infos[name][~mask] = 0
            infos[f"_{name}"] = np.ones(self.num_envs, np.bool_) if mask is None else mask.copy()
        if self._masked:
            infos["action_mask"] = self._action_masks().view(np.int8)
            if mask is not None:
                infos["action_mask"][~mask] = 0
            infos["_action_mask"] = np.ones(self.num_envs, np.bool_) if mask is None else mask.copy()
        return infos

    @property
    def action_masks(self) -> Callable[[], np.ndarray]:
        """Where the environment has a mask, a method that returns what is allowed now, (num_envs, K) bool.

        Infos hold the same as int8 under `action_mask`.

        Raises:
            AttributeError: there is no mask.
        """
        if not self._masked:
            raise AttributeError(f"{self.environment.id} has no mask: all actions are always allowed.")
        return self._action_masks

    def _action_masks(self) -> np.ndarray:
        masks = np.empty((self.num_envs, self.environment.mask_size), np.bool_)
        self.batch.action_masks(masks)
        return masks

    def _seed_each(self, seeds: Sequence[int | None], mask: np.ndarray | None) -> None:
        if len(seeds) != self.num_envs:
            raise BadArray(f"{self.num_envs} environments need as many seeds, not {len(seeds)}.")
        if not self._seeded:
            self.batch.seed(self.np_random.integers(2**64, size=self.num_envs, dtype=np.uint64))
        given = np.array([one is not None for one in seeds])
        self.batch.seed([one or 0 for one in seeds], given if mask is None else given & mask)

    def _checked_mask(self, mask: Any) -> np.ndarray:
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,):
            raise BadArray(f"reset_mask must be a NumPy array of bool with shape ({self.num_envs},).")
        if not mask.any():
            raise BadArray("reset_mask must be True for at least one environment.")
        return np.ascontiguousarray(mask)

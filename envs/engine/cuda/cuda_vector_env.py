"""`CudaVectorEnv`: a batch on a GPU as a Gymnasium vector environment; `gym.make_vec(id, device="cuda")`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from envs.engine.core.kernels import SAME_STEP
from envs.engine.cuda.cuda_batch import CudaBatch
from envs.engine.cuda.members import Mirror
from envs.engine.environment import Environment
from envs.engine.errors import BadArray
from envs.engine.vector import EngineVectorEnv, draw_each
from envs.engine.vector.engine_vector_env import RENDER_MODES
from envs.engine.vector.members import MemberAccess, Members


class CudaVectorEnv(MemberAccess, EngineVectorEnv):
    """Many copies of one environment on a GPU behind Gymnasium's `VectorEnv`.

    What `reset` and `step` return are arrays on the GPU, the same ones each time, which the next step
    overwrites: `torch.as_tensor(obs, device="cuda")` makes tensors of them without a copy, and has to be done
    only once. Rewards are float32. An action outside of the action space is not played and its reward is NaN,
    since a GPU cannot raise; so is an action after the end of an episode in DISABLED mode.

    Parameters, fields of the state, `call`, `get_attr` and `set_attr` are as in a `BatchVectorEnv`. They wait
    for the GPU and copy all states to main memory, and back if something was changed.

    Attributes:
        batch: the batch; `batch.stream` is the handle of the CUDA stream that steps are launched on, and
            `batch.set_params` changes parameters.
    """

    def __init__(
        self,
        environment: str | Environment,
        num_envs: int = 1,
        *,
        max_episode_steps: int | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
        stream: int = 0,
        **params: Any,
    ) -> None:
        """Make the environments; `gym.make_vec(id, num_envs=4096, device="cuda", ...)` calls this.

        Args:
            environment: the environment or its name.
            num_envs: how many copies.
            max_episode_steps: steps after which an episode is truncated; None for never.
            autoreset_mode: what happens to finished environments, see `gymnasium.vector.AutoresetMode`.
            render_mode: None or "rgb_array".
            stream: handle of the CUDA stream to launch on; 0 is the default stream.
            **params: parameters of the environment that differ from their defaults.

        Raises:
            BadParameter: no such parameter, or a value outside its range.
            NoCuda: numba-cuda is not installed, or there is no GPU.
        """
        if render_mode == "rgb_array_list":
            raise BadArray("A batch on a GPU collects no pictures; use render_mode='rgb_array'.")
        super().__init__(environment, num_envs, autoreset_mode, render_mode)
        self.batch = CudaBatch(
            self.environment,
            num_envs,
            params=params,
            max_episode_steps=max_episode_steps,
            autoreset=self._mode,
            stream=stream,
        )
        mirror = Mirror(self.batch)
        self.members = Members(mirror, "rgb_array" if render_mode in RENDER_MODES else render_mode)
        self._mirror = mirror
        self._infos = self._fields(final=False, mask=self.batch.everyone)
        self._step_infos = dict(self._infos)
        if self._mode == SAME_STEP:
            done = self.batch.done
            self._step_infos |= {"final_obs": self.batch.final_obs, "_final_obs": done}
            self._step_infos |= {"final_info": self._fields(final=True, mask=done), "_final_info": done}

    def reset(
        self,
        *,
        seed: int | Sequence[int] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Begin new episodes.

        Args:
            seed: environment `i` gets `seed + i`, or the `i`-th of a list; None goes on with the present
                generators, and lets `np_random` choose if there are none.
            options: {"reset_mask": bool array on the GPU} seeds these environments and begins new episodes
                in them only; the observations of the others stay as they are.

        Returns:
            Observations and infos, on the GPU.
        """
        mask = options.get("reset_mask") if options else None
        super().reset(seed=int(seed) if isinstance(seed, (int, np.integer)) else None)
        if seed is not None:
            self.batch.seed(seed, mask)
        elif not self._seeded:
            self.batch.seed(self.np_random.integers(2**64, size=self.num_envs, dtype=np.uint64))
        self._seeded = True
        self.batch.reset(mask)
        return self.batch.obs, dict(self._infos)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Play one action in every environment.

        Args:
            actions: one for each environment, as `CudaBatch.step` takes them.

        Returns:
            Observations, rewards (float32), terminated, truncated (bool) and infos, on the GPU. In SAME_STEP
            mode rows of `infos["final_obs"]` hold what episodes ended with where `infos["_final_obs"]` is
            True. Where the environment has a mask, `infos["action_mask"]` says in bools what is allowed now.

        Raises:
            BadArray: not one action for each environment, or of the wrong dtype. Nothing was done.
        """
        batch = self.batch
        batch.step(actions)
        return batch.obs, batch.rewards, batch.terminated, batch.truncated, dict(self._step_infos)

    @contextmanager
    def reach(self) -> Iterator[Members]:
        """The environments one by one, as they stand on the GPU."""
        with self._mirror.present():
            yield self.members

    def _draw(self) -> tuple[np.ndarray, ...]:
        return draw_each(self.batch.environment, self.batch.states(), self.batch.params)

    def _fields(self, final: bool, mask: Any) -> dict[str, Any]:
        infos: dict[str, Any] = {}
        for name in self.batch.environment.info:
            infos[name], infos[f"_{name}"] = self.batch.field(name, final), mask
        if self.batch.masks is not None and not final:
            infos["action_mask"], infos["_action_mask"] = self.batch.masks, mask
        return infos

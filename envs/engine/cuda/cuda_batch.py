"""`CudaBatch`: many copies of one environment that live on a GPU, from the same functions as on a CPU.

States, parameters, observations, rewards and flags stay on the GPU. The arrays can be handed to torch without
a copy, `torch.as_tensor(batch.obs, device="cuda")`, and stay the same ones for as long as the batch lives. A
step is one launch of one kernel, and of another where the environment has a mask: nothing is allocated,
awaited or read back, so that it can be captured in a CUDA graph.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from envs.engine.core.kernels import SAME_STEP
from envs.engine.core.snapshot import pack, unpack
from envs.engine.cuda.cuda_compile import load_cuda, load_cuda_kernels
from envs.engine.environment import Environment
from envs.engine.errors import BadArray, ResetNeeded
from envs.engine.random import rng_states, seed_array

STEP, RESET, SEED, MASK = 1, 2, 3, 4
"""Places of the kernels in what `CudaBatch` keeps for each stream."""

FEW, SMALL_BLOCK, BLOCK = 65_536, 32, 128
"""Threads in a block: with few environments small blocks, so that every multiprocessor gets some of them."""


class CudaBatch:
    """Many copies of one environment on a GPU that share their parameters.

    Environment `i` of a batch seeded with `s` plays the episodes of a single environment seeded with `s + i`,
    as on a CPU. Where rules compute with floats, the last digits may differ, and with them what follows.

    All arrays are on the GPU and are overwritten by every step; their first axis is `num_envs`.

    Attributes:
        environment: what is played.
        num_envs: how many copies.
        params: the record of parameters, to be read; `set_params` changes them.
        stream: handle of the CUDA stream to launch on, such as `torch.cuda.current_stream().cuda_stream`; 0
            is the default stream. May be changed at any time.
        obs: observations; the first ones of new episodes where an episode has just ended (SAME_STEP).
        rewards: float32; NaN where nothing was played: the action is outside of the action space, or the
            episode is over in DISABLED mode.
        terminated: bool: the environment came to an end.
        truncated: bool: the episode was cut off after `max_episode_steps`.
        done: bool: `terminated or truncated`.
        final_obs: rows of environments that are `done` hold the last observation of the old episode
            (SAME_STEP).
        masks: bool, (num_envs, mask_size of the environment), which actions are allowed now; None where all
            always are.
        finished: int64, shape (1,): how many episodes have ended since the last `seed`.
        records: the states, and behind them the last states of the episodes that have just ended (SAME_STEP).
    """

    def __init__(
        self,
        environment: Environment,
        num_envs: int,
        *,
        params: Mapping[str, Any] | None = None,
        max_episode_steps: int | None = None,
        autoreset: int = SAME_STEP,
        stream: int = 0,
    ) -> None:
        """Make a batch; compiles the environment if that was never done.

        Args:
            environment: what is played, from `envs.find`.
            num_envs: how many copies.
            params: parameters that differ from their defaults.
            max_episode_steps: steps after which an episode is truncated; None for never.
            autoreset: SAME_STEP, NEXT_STEP or DISABLED of `envs.engine.core.kernels`.
            stream: handle of the CUDA stream to launch on.

        Raises:
            BadParameter: no such parameter, or a value outside its range.
            BrokenEnvironment: the environment's functions cannot be compiled for a GPU.
            NoCuda: numba-cuda is not installed, or there is no GPU.
        """
        if num_envs < 1:
            raise BadArray(f"A batch needs at least one environment, not {num_envs}.")
        self._params = environment.param_values(**(params or {}))
        self.params: Any = self._params[0]
        self._cuda = load_cuda()
        self._kernels = load_cuda_kernels(environment)
        self.environment = environment
        self.num_envs = num_envs
        self.max_episode_steps = max_episode_steps
        self.stream = stream
        self._autoreset = autoreset
        self._launchers: dict[int, tuple[Any, ...]] = {}
        observations, actions = environment.observation_space, environment.action_space
        fresh = np.zeros(2 * num_envs, environment.state_dtype)
        fresh["over"] = True  # until the first reset
        self.records = self._cuda.to_device(fresh)
        self._begun = False
        self._raw_records = self.records.view(np.dtype(np.uint8))
        self._device_params = self._cuda.to_device(self._params)
        self._actions = self._zeros((num_envs, *(actions.shape or ())), actions.dtype)
        self.obs = self._zeros((num_envs, *(observations.shape or ())), observations.dtype)
        self.final_obs = self._zeros((num_envs, *(observations.shape or ())), observations.dtype)
        self.rewards = self._zeros(num_envs, np.float32)
        self.terminated, self.truncated, self.done = (self._zeros(num_envs, np.bool_) for _ in range(3))
        self.finished = self._zeros(1, np.int64)
        masked = environment.mask is not None
        self.masks = self._zeros((num_envs, environment.mask_size), np.bool_) if masked else None
        self._generators = self._zeros(num_envs, np.uint64)
        self.everyone = self._cuda.to_device(np.ones(num_envs, np.bool_))
        self._nobody = self._zeros(num_envs, np.bool_)
        self.seed(np.random.SeedSequence().generate_state(num_envs, np.uint64))

    def seed(self, seed: int | Sequence[int] | np.ndarray, mask: Any = None) -> None:
        """Set the random generators. Takes effect in the next draw.

        Args:
            seed: environment `i` gets `seed + i`; or one int for each environment.
            mask: bool on the GPU, shape (num_envs,): which environments are seeded; None for all, which also
                sets `finished` to 0.
        """
        seeded = self.everyone if mask is None else self._on_device(mask, "mask", self._nobody)
        self._write(self._generators, rng_states(seed_array(seed, self.num_envs)))
        if mask is None:
            self._write(self.finished, np.zeros(1, np.int64))
        self._launch(SEED, self.records, self._generators, seeded)

    def reset(self, mask: Any = None) -> None:
        """Begin new episodes and write observations.

        Args:
            mask: bool on the GPU, shape (num_envs,): which environments begin a new episode, while `obs` gets
                the present observation of all others; None for all.

        Raises:
            ResetNeeded: the first reset leaves some environments out. Nothing was done.
        """
        begins = self.everyone if mask is None else self._on_device(mask, "mask", self._nobody)
        if not self._begun and not (mask is None or begins.copy_to_host().all()):
            raise self._not_begun()
        self._begun = True
        self._launch(RESET, self.records, self._raw_records, self._device_params, begins, self.obs)
        self._write_masks()

    def step(self, actions: Any) -> None:
        """Play one action in every environment.

        Args:
            actions: C-contiguous, with the dtype of the action space (int64 for `Discrete`), on the GPU: a
                torch tensor or anything else with `__cuda_array_interface__`. NumPy arrays are copied there
                first, which takes time and cannot be captured in a graph.

        Raises:
            BadArray: an array of wrong shape, dtype or layout. Nothing was done.
            ResetNeeded: there was no reset yet.
        """
        if not self._begun:
            raise self._not_begun()
        if isinstance(actions, np.ndarray):
            self._check(actions, "actions", self._actions)
            self._write(self._actions, np.ascontiguousarray(actions))
            actions = self._actions
        self._launch(
            STEP,
            self.records,
            self._raw_records,
            self._device_params,
            self._on_device(actions, "actions", self._actions),
            self.obs,
            self.rewards,
            self.terminated,
            self.truncated,
            self.done,
            self.final_obs,
            self.finished,
            self._autoreset,
            self.max_episode_steps or 0,
        )
        self._write_masks()

    def set_params(self, **values: Any) -> None:
        """Change parameters, now and for all environments.

        Raises:
            BadParameter: no such parameter, or a value outside its range. Nothing was changed.
        """
        checked = {name: self.environment.checked_param(name, value) for name, value in values.items()}
        for name, value in checked.items():
            self._params[name] = value
        self._write(self._device_params, self._params)

    def field(self, name: str, final: bool = False) -> Any:
        """One field of all states as an array on the GPU that sees them change.

        Args:
            name: of a field of the environment's state.
            final: the last states of the episodes that have just ended, instead of the present ones.
        """
        first = self.num_envs if final else 0
        records = self.records[first : first + self.num_envs]
        if not hasattr(records, "__cuda_array_interface__"):
            return records[name]  # numba's simulator, which has fields but no such interface
        layout = self.environment.state_dtype
        fields: Any = layout.fields
        dtype, offset = fields[name][:2]
        inner = np.empty(dtype.shape, dtype.base).strides
        interface = records.__cuda_array_interface__
        interface["data"] = (interface["data"][0] + offset, False)
        interface["typestr"] = dtype.base.str
        interface["shape"] = (self.num_envs, *dtype.shape)
        interface["strides"] = (layout.itemsize, *inner)
        return self._cuda.from_cuda_array_interface(interface, owner=records, sync=False)

    def states(self) -> np.ndarray:
        """A copy of the states in main memory; waits for the GPU."""
        return self.read_records()[: self.num_envs]

    def read_records(self) -> np.ndarray:
        """A copy of `records` in main memory; waits for the GPU."""
        self._cuda.synchronize()
        return self.records.copy_to_host()

    def write_records(self, records: np.ndarray) -> None:
        """Replace `records` by what `read_records` gave."""
        self._write(self.records, records)

    def on_device(self, array: np.ndarray) -> Any:
        """A copy of an array on the GPU."""
        return self._cuda.to_device(array)

    def snapshot(self) -> bytes:
        """Everything that decides how the episodes go on; a `Batch` on a CPU can `restore` it."""
        return pack(self.environment, self._params, self.states())

    def restore(self, snapshot: bytes) -> None:
        """Go back to a `snapshot` of a batch of the same environment and size, on a GPU or not.

        Raises:
            BadSnapshot: not such a snapshot, or damaged. Nothing was changed.
        """
        params, states = unpack(self.environment, self.num_envs, snapshot)
        self._params[:] = params
        self._write(self._device_params, self._params)
        self._write(self.records, np.concatenate([states, states]))
        self._begun = not (states["over"] & (states["steps"] == 0)).any()
        if not self._begun:
            return
        self._launch(RESET, self.records, self._raw_records, self._device_params, self._nobody, self.obs)
        self._write_masks()

    def _write_masks(self) -> None:
        if self.masks is not None:
            self._launch(MASK, self.records, self._device_params, self.masks)

    def _not_begun(self) -> ResetNeeded:
        return ResetNeeded(f"{self.environment.id} has not begun: call reset() for all environments first.")

    def _zeros(self, shape: Any, dtype: Any) -> Any:
        return self._cuda.to_device(np.zeros(shape, dtype))

    def _write(self, array: Any, values: np.ndarray) -> None:
        array.copy_to_device(values, stream=self._launcher()[0])

    def _launch(self, which: int, *arguments: Any) -> None:
        """Launch the kernel for STEP, RESET, SEED or MASK on the present stream."""
        self._launcher()[which](*arguments)

    def _launcher(self) -> tuple[Any, ...]:
        """The present stream and, configured for it, the kernels for step, reset, seed and mask."""
        if self.stream not in self._launchers:
            block = min(SMALL_BLOCK if self.num_envs < FEW else BLOCK, self.num_envs)
            grid = -(-self.num_envs // block)
            stream = self._cuda.external_stream(self.stream) if self.stream else 0
            found = self._kernels
            with warnings.catch_warnings():
                # numba warns of every batch that does not fill the GPU.
                warnings.simplefilter("ignore")
                kernels = (found.step, found.reset, found.seed, found.mask)
                configured = (kernel and kernel[grid, block, stream] for kernel in kernels)
                self._launchers[self.stream] = (stream, *configured)
        return self._launchers[self.stream]

    def _on_device(self, array: Any, name: str, like: Any) -> Any:
        """`array` as numba's kernels take it, if it has the shape and the dtype of `like`."""
        if type(array) is not type(like):
            try:
                array = self._cuda.as_cuda_array(array, sync=False)
            except (TypeError, AttributeError):
                raise BadArray(f"{name} must be an array on the GPU, not {type(array).__name__}.") from None
        self._check(array, name, like)
        if not array.is_c_contiguous():
            raise BadArray(f"{name} must be C-contiguous.")
        return array

    def _check(self, array: Any, name: str, like: Any) -> None:
        if array.dtype != like.dtype:
            raise BadArray(f"{name} must be {like.dtype}, not {array.dtype}.")
        if tuple(array.shape) != tuple(like.shape):
            raise BadArray(f"{name} must have shape {tuple(like.shape)}, not {tuple(array.shape)}.")

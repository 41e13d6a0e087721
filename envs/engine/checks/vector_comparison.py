"""How vector environments are made, played and compared by `vector_checks.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from envs.engine.errors import CheckFailed

NUM_ENVS, LIMIT, NUM_STEPS, SEED = 5, 9, 40, 7
"""Size of the batches, steps after which episodes are cut off, steps played, and the first seed."""

Step = tuple[Any, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]


class Maker:
    """Makes the vector environments of one Gymnasium id that the checks compare.

    Attributes:
        env_id: Gymnasium id.
        spec: what Gymnasium knows about it.
    """

    def __init__(self, env_id: str) -> None:
        self.env_id = env_id
        self.spec = gymnasium.spec(env_id)
        vector = self.vector()
        self._own_mode = vector.metadata.get("autoreset_mode")
        self._chooses_mode = self.spec.vector_entry_point is None or _makes(self, AutoresetMode.SAME_STEP)
        vector.close()

    @property
    def modes(self) -> list[AutoresetMode]:
        """The autoreset modes that can be checked: all three, or the only one that it has."""
        return list(AutoresetMode) if self._chooses_mode else [AutoresetMode(self._own_mode)]

    def vector(
        self, num_envs: int = NUM_ENVS, mode: AutoresetMode | None = None, limit: int | None = LIMIT
    ) -> VectorEnv:
        """A vector environment with episodes of at most `limit` steps, as `gym.make_vec` makes it."""
        settings: dict[str, Any] = {} if limit is None else {"max_episode_steps": limit}
        if mode is not None and mode != getattr(self, "_own_mode", None):
            if self.spec.vector_entry_point is None:
                settings["vector_kwargs"] = {"autoreset_mode": mode}
            else:
                settings["autoreset_mode"] = mode
        return gymnasium.make_vec(self.env_id, num_envs=num_envs, **settings)

    def single(self) -> gymnasium.Env:
        """One environment alone, with episodes of the same length."""
        return gymnasium.make(self.env_id, max_episode_steps=LIMIT, disable_env_checker=True)


def _makes(maker: Maker, mode: AutoresetMode) -> bool:
    """Whether a vector environment takes an `autoreset_mode` and keeps to it."""
    try:
        vector = gymnasium.make_vec(maker.env_id, num_envs=2, autoreset_mode=mode)
    except Exception:
        return False
    vector.close()
    return vector.metadata.get("autoreset_mode") == mode


def expect(condition: bool, sentence: str) -> None:
    """Raise CheckFailed with a sentence unless a condition holds."""
    if not condition:
        raise CheckFailed(sentence + ".")


def expect_same(first: list[Any], second: list[Any], sentence: str) -> None:
    """Raise CheckFailed unless two rollouts are the same."""
    for t, (one, two) in enumerate(zip(first, second, strict=True)):
        expect(all(equal(a, b) for a, b in zip(one, two, strict=True)), f"{sentence}, from step {t} on")


def rollout(vector: VectorEnv, seed: int, actions: list[Any] | None = None) -> list[Any]:
    """Observations of a reset, then the results of steps without infos."""
    obs, _ = vector.reset(seed=seed)
    steps: list[Any] = [(obs,)]
    for row in random_actions(vector) if actions is None else actions:
        steps.append(step_and_reset(vector, row)[:4])
    return steps


def step_and_reset(vector: VectorEnv, actions: Any) -> Step:
    """A step; in DISABLED mode finished environments are reset, as its user has to."""
    step = vector.step(actions)
    if vector.metadata.get("autoreset_mode") == AutoresetMode.DISABLED:
        reset_masked(vector, step[2] | step[3])
    return step


def reset_masked(vector: VectorEnv, mask: np.ndarray) -> Any:
    """Reset the environments of a mask in DISABLED mode; the observations, or None if there are none."""
    return vector.reset(options={"reset_mask": mask.copy()})[0] if mask.any() else None


def random_actions(vector: VectorEnv, seed: int = 0) -> list[Any]:
    """Actions for NUM_STEPS steps, the same for the same seed."""
    vector.action_space.seed(seed)
    return [vector.action_space.sample() for _ in range(NUM_STEPS)]


def single_action(vector: VectorEnv, actions: Any, i: int | np.integer) -> Any:
    """The action of one environment as a single one wants it."""
    action = row_of(actions, i)
    return int(action) if isinstance(vector.single_action_space, gymnasium.spaces.Discrete) else action


def choose(mask: np.ndarray, there: Any, elsewhere: Any) -> Any:
    """Actions `there` where the mask is True, `elsewhere` in all other environments."""
    if not isinstance(elsewhere, np.ndarray):
        return elsewhere
    return np.where(mask.reshape(-1, *[1] * (elsewhere.ndim - 1)), there, elsewhere).astype(elsewhere.dtype)


def expect_obs(vector: VectorEnv, obs: Any, when: str) -> None:
    """Raise CheckFailed unless observations fit their space, dtype and shape included."""
    space = vector.observation_space
    if isinstance(space, gymnasium.spaces.Box) and isinstance(obs, np.ndarray):
        expect(obs.dtype == space.dtype, f"obs of {when} is {obs.dtype}, its space {space.dtype}")
        expect(obs.shape == space.shape, f"obs of {when} has shape {obs.shape}, its space {space.shape}")
    expect(space.contains(obs), f"obs of {when} is outside of its space")


def leaves(value: Any) -> Iterator[np.ndarray]:
    """All arrays in nested dicts and tuples."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from leaves(item)


def row_of(value: Any, i: int | np.integer) -> Any:
    """What belongs to environment `i`."""
    if isinstance(value, dict):
        return {key: row_of(item, i) for key, item in value.items()}
    if isinstance(value, tuple) and not all(isinstance(item, np.ndarray) for item in value):
        return value[i]
    if isinstance(value, tuple):
        return tuple(row_of(item, i) for item in value)
    return value[i]


def equal(one: Any, two: Any) -> bool:
    """Whether two observations, or parts of steps, are the same."""
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(equal(one[key], two[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(two) and all(equal(a, b) for a, b in zip(one, two, strict=True))
    if isinstance(one, (str, bytes)) or np.asarray(one).dtype.kind not in "biufc":
        return one == two
    # Not exact: hand-vectorised environments may use other instructions for sine and cosine.
    return np.allclose(one, two, rtol=1e-4, atol=1e-5, equal_nan=True)

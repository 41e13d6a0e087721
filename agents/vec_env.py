"""Environments as Stable-Baselines3's `VecEnv`: ours as one compiled batch, others as it makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import gymnasium
from stable_baselines3.common.env_util import make_vec_env as make_sb3_vec_env
from stable_baselines3.common.vec_env import VecEnv

from agents.batch_vec_env import BatchVecEnv
from agents.environments import find_target
from agents.flat_environments import flat_if_nested

__all__ = ["BatchVecEnv", "make_vec_env"]


def make_vec_env(
    env_id: str | Callable[..., gymnasium.Env],
    n_envs: int = 64,
    seed: int | None = 0,
    start_index: int = 0,
    monitor_dir: str | None = None,
    wrapper_class: Callable[[gymnasium.Env], gymnasium.Env] | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    vec_env_cls: type[VecEnv] | None = None,
    vec_env_kwargs: Mapping[str, Any] | None = None,
    monitor_kwargs: Mapping[str, Any] | None = None,
    wrapper_kwargs: Mapping[str, Any] | None = None,
    **params: Any,
) -> VecEnv:
    """Make a `VecEnv` for any Stable-Baselines3 algorithm; arguments are those of its own `make_vec_env`.

    One of our environments becomes one compiled batch. What needs environments that are objects of their own
    gets them, one by one and slower, in a `DummyVecEnv`: a wrapper, monitor files, a vector class or render
    mode "human".

    Args:
        env_id: an environment's file name ("cartpole"), any Gymnasium id, or what makes an environment.
        n_envs: how many copies.
        seed: environment `i` is seeded with `seed + i`; None for any.
        start_index: the first number of monitor files.
        monitor_dir: folder for monitor files, one for each environment.
        wrapper_class: put around each environment, outside of its `Monitor`. Nested dictionaries and tuples
            of observations become rows (`agents.flat_spaces`) behind it.
        env_kwargs: parameters of the environment and arguments of `gymnasium.make`.
        vec_env_cls: such as `SubprocVecEnv`.
        vec_env_kwargs: for it.
        monitor_kwargs: for each `Monitor`.
        wrapper_kwargs: for each wrapper.
        **params: more of `env_kwargs`.

    Raises:
        UserError: there is no such environment; names the nearest.
        BadParameter: no such parameter, or a value outside its range.
    """
    made = {**(env_kwargs or {}), **params}
    whole = vec_env_cls in (None, BatchVecEnv) and made.get("render_mode") in (None, "rgb_array")
    whole = whole and not (monitor_dir or wrapper_class or vec_env_kwargs or monitor_kwargs)
    if isinstance(env_id, str):
        target = find_target(env_id)
        if target.environment is not None and whole:
            made.pop("disable_env_checker", None)
            options = {name: made.pop(name) for name in ("render_mode", "max_episode_steps") if name in made}
            env = BatchVecEnv(target.environment, n_envs, seed, made, **options)
            if seed is not None:
                env.action_space.seed(seed + start_index)
            return env
        # By name, so that another process finds it, too.
        env_id = partial(_make_one, target.name) if target.environment is not None else target.id
    outer = wrapper_class or (lambda env, **_: env)
    return make_sb3_vec_env(
        env_id,
        n_envs,
        seed,
        start_index,
        monitor_dir,
        lambda env, **options: flat_if_nested(outer(env, **options)),
        made,
        vec_env_cls,  # type: ignore[arg-type] - any class made of functions will do
        dict(vec_env_kwargs or {}),
        dict(monitor_kwargs or {}),
        dict(wrapper_kwargs or {}),
    )


def _make_one(name: str, **settings: Any) -> gymnasium.Env:
    return gymnasium.make(find_target(name).id, **{"render_mode": "rgb_array", **settings})

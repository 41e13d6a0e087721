"""Which actions an environment allows now, where it says so.

The way is sb3-contrib's: each environment has a method `action_masks()` that returns bools, True for what is
allowed, one for each action of `Discrete`, or for each option of each choice of `MultiDiscrete`. No torch
here, so that people can play without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from jaxtyping import Bool

from sandbox.errors import UserError

if TYPE_CHECKING:
    from stable_baselines3.common.vec_env import VecEnv

METHOD = "action_masks"


def has_masks(env: VecEnv) -> bool:
    """Tell whether environments say which actions are allowed."""
    known = getattr(env.unwrapped, "masked", None)  # of a compiled batch, without asking each environment
    if isinstance(known, bool):
        return known
    kinds = (spaces.Discrete, spaces.MultiDiscrete)
    if not isinstance(env.action_space, kinds):
        return False
    try:
        return env.has_attr(METHOD)
    except NotImplementedError:  # of vector environments that know no attributes
        return False


def masks_of(env: VecEnv) -> Bool[np.ndarray, "N K"]:
    """Ask each environment which actions are allowed now.

    Raises:
        UserError: an answer of another shape, or one that allows nothing.
    """
    return checked(np.stack(env.env_method(METHOD)), env.action_space)


def mask_of(env: gym.Env) -> Bool[np.ndarray, " K"] | None:
    """Ask a single environment; None where everything is always allowed."""
    if not env.has_wrapper_attr(METHOD):
        return None
    return checked(np.asarray(env.get_wrapper_attr(METHOD)())[None], env.action_space)[0]


def checked(masks: np.ndarray, space: spaces.Space) -> Bool[np.ndarray, "N K"]:
    """Look at masks that were not made by compiled rules.

    Raises:
        UserError: another shape, or one that allows nothing.
    """
    sizes = space.nvec.tolist() if isinstance(space, spaces.MultiDiscrete) else [getattr(space, "n", 0)]
    if masks.shape[1:] != (sum(sizes),):
        raise UserError(
            f"{METHOD}() must return {sum(sizes)} bools, not an array of shape {masks.shape[1:]}."
        )
    masks = masks.astype(bool)
    if not all(part.any(1).all() for part in np.split(masks, np.cumsum(sizes)[:-1], 1)):
        raise UserError(f"{METHOD}() of an environment forbids everything, so that nothing can be played.")
    return masks

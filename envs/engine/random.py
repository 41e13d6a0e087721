"""Random numbers for environments: plain functions over the generator kept in the state record.

The generator is MWC64X (David B. Thomas, "The MWC64X random number generator", Imperial College London):
multiply with carry on two 32-bit halves, period about 2**63. It is used because its products never exceed 64
bits, so the same lines give the same numbers compiled, uncompiled (without overflow warnings) and on a GPU.
"""

import math
from collections.abc import Sequence

import numpy as np

from envs.engine.errors import BadArray

MULTIPLIER = np.uint64(4294883355)
LOW_HALF = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
TO_UNIT = 2.0**-32


def draw(state):
    """The next 32 random bits, as a uint64 in [0, 2**32)."""
    low = state.rng & LOW_HALF
    carry = state.rng >> HALF
    state.rng = low * MULTIPLIER + carry
    return low ^ carry


def uniform(state, low, high):
    """A float, uniform over [low, high) in steps of (high - low) / 2**32."""
    return low + (high - low) * (draw(state) * TO_UNIT)


def randint(state, low, high):
    """An integer, uniform over low, low + 1, ..., high - 1. `high` must be greater than `low`."""
    return low + np.int64((draw(state) * np.uint64(high - low)) >> HALF)


def normal(state, mean, std):
    """A normally distributed float (Box & Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - draw(state) * TO_UNIT))
    return mean + std * radius * math.cos(2.0 * math.pi * (draw(state) * TO_UNIT))


def seed_array(seed: int | Sequence[int] | np.ndarray, num_envs: int) -> np.ndarray:
    """The seeds (uint64) of the environments of a batch: `seed`, `seed + 1`, ..., or one given for each.

    Raises:
        BadArray: not as many seeds as environments.
    """
    if isinstance(seed, (int, np.integer)):
        return np.uint64(int(seed) % 2**64) + np.arange(num_envs, dtype=np.uint64)
    seeds = seed if isinstance(seed, np.ndarray) else np.array([int(s) % 2**64 for s in seed], np.uint64)
    if seeds.shape != (num_envs,):
        raise BadArray(f"{num_envs} environments need as many seeds, not {len(seeds)}.")
    return seeds


def rng_states(seeds: np.ndarray) -> np.ndarray:
    """First generator states for an array of seeds (uint64), by SplitMix64 (Steele, Lea & Flood 2014)."""
    z = seeds.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    # The two states that repeat themselves for ever: 0, and the largest one.
    stuck = (z == 0) | (z == (MULTIPLIER << HALF) - np.uint64(1))
    return np.where(stuck, np.uint64(0x0123456789ABCDEF), z)

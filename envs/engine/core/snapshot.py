"""Bytes that hold everything that decides how the episodes of a batch go on, on whatever device it plays."""

from __future__ import annotations

import hashlib
import struct
import zlib

import numpy as np

from envs.engine.environment import Environment
from envs.engine.errors import BadSnapshot

HEAD = struct.Struct("<4s8sQI")
MAGIC = b"DSE1"


def pack(environment: Environment, params: np.ndarray, states: np.ndarray) -> bytes:
    """A snapshot of the parameters (one record) and the states (a record for each environment)."""
    body = params.tobytes() + states.tobytes()
    return HEAD.pack(MAGIC, _layout(environment), len(states), zlib.crc32(body)) + body


def unpack(environment: Environment, num_envs: int, snapshot: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The parameters and the states of a snapshot, as read-only arrays of records.

    Raises:
        BadSnapshot: not a snapshot of this environment and this many copies, or damaged.
    """
    name = environment.id
    if len(snapshot) < HEAD.size or snapshot[:4] != MAGIC:
        raise BadSnapshot(f"These bytes are no snapshot of {name}.")
    _, layout, held, check = HEAD.unpack_from(snapshot)
    body = memoryview(snapshot)[HEAD.size :]
    if layout != _layout(environment):
        raise BadSnapshot(
            f"The snapshot is of another environment than {name}, or of an older version of it."
        )
    if held != num_envs:
        raise BadSnapshot(f"The snapshot holds {held} environments, this batch {num_envs}.")
    split = environment.param_dtype.itemsize
    size = split + num_envs * environment.state_dtype.itemsize
    if len(body) != size or zlib.crc32(body) != check:
        raise BadSnapshot(f"The snapshot of {name} is damaged.")
    return (
        np.frombuffer(body[:split], environment.param_dtype),
        np.frombuffer(body[split:], environment.state_dtype),
    )


def _layout(environment: Environment) -> bytes:
    text = f"{environment.id} {environment.state_dtype!r} {environment.param_dtype!r}"
    return hashlib.sha256(text.encode()).digest()[:8]

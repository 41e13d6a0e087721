"""Which device computes, with how many threads, and from which random numbers."""

import itertools
import os
import platform
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sandbox import torch_compiler
from sandbox.errors import UserError, did_you_mean
from sandbox.settings import LARGEST_SEED, MOST_THREADS

torch_compiler.keep_out()  # whatever trains imports this module before it makes an optimizer

KINDS = ("cuda", "mps", "xpu", "cpu")
"""In the order of preference."""


def pick_device(name: str = "auto") -> torch.device:
    """The device of this name; `auto` takes the first of CUDA, MPS, XPU and CPU that is there.

    Args:
        name: `auto`, `cpu`, `cuda`, `cuda:1`, `mps` or `xpu`.

    Raises:
        UserError: no such device on this machine; says which there are.
    """
    there = [kind for kind in KINDS if _is_available(kind)]
    if name == "auto":
        return torch.device(there[0])
    kind, _, index = name.partition(":")
    known = ["auto", *there]
    if kind not in there or (index and not index.isdecimal()):
        hint = did_you_mean(kind, known) or f" This machine has {', '.join(there)}."
        raise UserError(f"There is no device {name!r}.{hint}")
    if index and int(index) >= (count := _count(kind)):
        raise UserError(f"There is no device {name!r}: this machine has {count} of {kind}, counted from 0.")
    return torch.device(name)


def device_of(model: nn.Module) -> torch.device:
    """Where a network's tensors are; the CPU for one without any, such as an exported graph."""
    tensors = itertools.chain(model.parameters(), model.buffers())
    return next((tensor.device for tensor in tensors), torch.device("cpu"))


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the device computes products of bfloat16 numbers itself, at least as fast as float32 ones."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = getattr(torch.cpu, "get_capabilities", None)  # older versions of torch cannot say
    if device.type != "cpu" or capabilities is None:
        return False
    found = capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def set_threads(count: int | None) -> int:
    """Set the number of threads torch computes with; None leaves it. Returns the number in use.

    Raises:
        UserError: fewer than one, or so many that the process would end without a word.
    """
    if count is not None:
        if not 1 <= count <= MOST_THREADS:
            raise UserError(f"threads must be from 1 to {MOST_THREADS}, not {count:,}.")
        torch.set_num_threads(count)
    return torch.get_num_threads()


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread meanwhile: on a busy machine several spend most of their time waiting."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def seed_everything(seed: int) -> None:
    """Seed Python's, numpy's and torch's global generators, on all devices.

    Raises:
        UserError: a seed that not all of them take.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise UserError(f"seed must be from 0 to {LARGEST_SEED:,}, not {seed:,}.")
    random.seed(seed)
    # The legacy generator is what libraries that take no generator draw from.
    np.random.seed(seed)
    torch.manual_seed(seed)


def random_states() -> dict[str, Tensor]:
    """All global random states as tensors, for a checkpoint; `restore_random_states` puts them back."""
    version, internal, gauss = random.getstate()
    numpy_state: Any = np.random.get_state(legacy=False)
    if numpy_state["bit_generator"] != "MT19937":
        raise ValueError(f"numpy's global generator is {numpy_state['bit_generator']}, not MT19937")
    keys, position = numpy_state["state"]["key"], numpy_state["state"]["pos"]
    states = {
        "torch": torch.get_rng_state(),
        "python": torch.tensor([version, *internal], dtype=torch.int64),
        "python.gauss": torch.tensor([] if gauss is None else [gauss], dtype=torch.float64),
        "numpy": torch.tensor([*keys.tolist(), position, numpy_state["has_gauss"]], dtype=torch.int64),
        "numpy.gauss": torch.tensor([numpy_state["gauss"]], dtype=torch.float64),
    }
    if torch.cuda.is_available():
        states |= {f"cuda.{i}": state for i, state in enumerate(torch.cuda.get_rng_state_all())}
    if torch.backends.mps.is_available():
        states["mps"] = torch.mps.get_rng_state()
    if torch.xpu.is_available():
        states |= {f"xpu.{i}": state for i, state in enumerate(torch.xpu.get_rng_state_all())}
    return states


def restore_random_states(states: dict[str, Tensor]) -> None:
    """Put back what `random_states` took; devices that this machine lacks are skipped."""
    torch.set_rng_state(states["torch"])
    version, *internal = states["python"].tolist()
    gauss = states["python.gauss"].tolist()
    random.setstate((version, tuple(internal), gauss[0] if gauss else None))
    *keys, position, has_gauss = states["numpy"].tolist()
    cached = float(states["numpy.gauss"].item())
    np.random.set_state(("MT19937", np.array(keys, dtype=np.uint32), position, has_gauss, cached))
    for i in range(torch.cuda.device_count()):
        if (state := states.get(f"cuda.{i}")) is not None:
            torch.cuda.set_rng_state(state, i)
    if "mps" in states and torch.backends.mps.is_available():
        torch.mps.set_rng_state(states["mps"])
    for i in range(torch.xpu.device_count()):
        if (state := states.get(f"xpu.{i}")) is not None:
            torch.xpu.set_rng_state(state, i)


@dataclass(frozen=True)
class Hardware:
    """What a figure was measured on."""

    device: str
    name: str
    threads: int
    cores: int
    memory_gib: float | None


def describe(device: torch.device) -> dict[str, Any]:
    """What computes here, for a run's config.json and the footer of a page."""
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        name, memory = properties.name, properties.total_memory / 2**30
    else:
        name, memory = platform.processor() or platform.machine(), None
    hardware = Hardware(
        str(device), name, torch.get_num_threads(), os.cpu_count() or 1, memory and round(memory, 1)
    )
    return asdict(hardware)


def _is_available(kind: str) -> bool:
    match kind:
        case "cuda":
            return torch.cuda.is_available()
        case "mps":
            return torch.backends.mps.is_available()
        case "xpu":
            return torch.xpu.is_available()
        case _:
            return True


def _count(kind: str) -> int:
    match kind:
        case "cuda":
            return torch.cuda.device_count()
        case "xpu":
            return torch.xpu.device_count()
        case _:
            return 1

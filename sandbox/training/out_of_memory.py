"""When the memory is not enough, say what to lower: before it is asked for where one can tell, else after."""

import contextlib
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from sandbox.errors import UserError

ADVICE = (
    "Lower batch_size (half of it is a good next try), compute each batch in parts with accumulate, "
    "or make the pictures or the network smaller."
)
TRAINED = 4
"""Memory of a weight in training, in sizes of the weight: itself, its gradient and two moments of Adam."""
SMALL = 2**20
"""Bytes below which nothing is looked up."""
_FACTORIES = {torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn, torch.full}


class NotEnoughMemoryError(UserError, MemoryError):
    """The device has no room for what was to be computed."""


class Foreseen(TorchFunctionMode):
    """Within it, weights that cannot be trained in the free memory are refused before they are made.

    Without it Linux grants the memory and ends the process once it is used.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[torch.device, float] = {}
        self._free: dict[torch.device, float | None] = {}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _FACTORIES:
            size = _bytes_of(args, kwargs)
            device = torch.device(kwargs.get("device") or torch.get_default_device())
            if size > SMALL and device.type != "meta":
                self._count(size, device)
        return func(*args, **kwargs)

    def _count(self, size: int, device: torch.device) -> None:
        if device not in self._free:
            self._free[device] = free_memory(device)
        self._made[device] = self._made.get(device, 0.0) + size
        require({"the network": TRAINED * self._made[device]}, self._free[device])


def require(parts: Mapping[str, float], free: float | None, advice: str = ADVICE) -> None:
    """Refuse what cannot fit into the free memory.

    Args:
        parts: bytes of each part, by what they are for.
        free: bytes that are free; None if nobody knows.
        advice: a sentence that says what to lower.

    Raises:
        NotEnoughMemoryError: says how much is needed, for what most of it, and how much is free.
    """
    total = sum(parts.values())
    if free is None or total <= free:
        return
    most = max(parts, key=lambda part: parts[part])
    raise NotEnoughMemoryError(
        f"This needs about {shown(total)} of memory, most of it for {most}; {shown(free)} are free. {advice}"
    )


def free_memory(device: torch.device | None = None) -> float | None:
    """Bytes that can still be had on a device, as far as the system says; None where it does not say."""
    if device is not None and device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    free = [found for found in (_free_of_machine(), _free_of_container()) if found is not None]
    return min(free, default=None)


def shown(size: float) -> str:
    """Bytes as people say them: `3.7 TiB`."""
    power = min(6, max(0, int(math.log2(max(size, 1))) // 10))
    return f"{size / 2 ** (10 * power):.3g} {('bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')[power]}"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out: of a GPU, of torch on the CPU, or of Python."""
    # The CPU's allocator raises a plain RuntimeError.
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError)
        and ("DefaultCPUAllocator" in str(error) or "out of memory" in str(error).lower())
    )


def tell_shortage(error: BaseException, when: str, advice: str = ADVICE) -> None:
    """Raise a sentence that says what to lower if memory ran out; return if `error` says something else.

    Args:
        error: what was caught.
        when: what happened then, such as `at step 3`.
        advice: a sentence that says what to lower.

    Raises:
        NotEnoughMemoryError: memory ran out.
    """
    if is_out_of_memory(error) and not isinstance(error, NotEnoughMemoryError):
        raise NotEnoughMemoryError(f"The memory ran out {when}. {advice}") from error


def _bytes_of(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> int:
    size = kwargs.get("size", args[0] if args and not isinstance(args[0], int) else args)
    dtype = kwargs.get("dtype") or torch.get_default_dtype()
    return int(math.prod(size)) * dtype.itemsize


def _free_of_machine() -> float | None:
    with contextlib.suppress(OSError, StopIteration, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        return 1024.0 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1])
    with contextlib.suppress(OSError, ValueError, AttributeError):  # macOS tells how much there is, not free
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return None


def _free_of_container() -> float | None:
    """What the limit of a container leaves; files that the system may forget again do not count."""
    places = (
        ("/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
        (
            "/sys/fs/cgroup/memory",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file",
        ),
    )
    for folder, limit, used, cached in places:
        with contextlib.suppress(OSError, ValueError):  # no limit is the word max
            taken = int(Path(folder, used).read_text())
            stat = dict(line.split() for line in Path(folder, "memory.stat").read_text().splitlines())
            return float(int(Path(folder, limit).read_text()) - taken + int(stat.get(cached, 0)))
    return None

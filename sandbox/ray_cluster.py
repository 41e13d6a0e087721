"""A connection to a Ray cluster; one on this machine begins and ends with it."""

# The extra that brings Ray is not part of what is installed for the checks.
# pyright: reportMissingImports=false

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.errors import UserError

# What Ray would write beside the run folders is in them already; data lie where the command was given.
QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
}
os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import ray

GRACE = 5.0
"""Seconds in which processes of a cluster on this machine may end by themselves."""


@contextlib.contextmanager
def connected(address: str) -> Iterator[None]:
    """Be connected to a cluster; one on this machine begins and ends with it.

    Args:
        address: of the cluster's head, `auto`, `local` for all processors of this machine, or `local:2`.

    Raises:
        UserError: there is none at this address.
    """
    if address.startswith("ray://"):
        raise UserError(
            "Give the address of the head node, such as 10.0.0.1:6379, on a machine of the cluster."
        )
    kind, _, count = address.partition(":")
    local = kind == "local"
    if local and count and not (count.isdigit() and 1 <= int(count) <= 1024):
        raise UserError(
            f"A cluster on this machine is local, or local:N for N trials at once, not {address!r}."
        )
    options: dict[str, Any] = {"address": "local" if local else address}
    if local:
        options["include_dashboard"] = False
    if local and count:
        options["num_cpus"] = int(count)
    before = _children()
    try:
        ray.init(
            **options,
            log_to_driver=False,
            logging_level=logging.ERROR,
            configure_logging=False,
        )
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise UserError(f"There is no Ray cluster at {address}: {reason}.") from error
    try:
        yield
    finally:
        started = [] if not local else _children(before)
        ray.shutdown()
        _end(started)


def _children(before: Sequence[Any] = ()) -> list[Any]:
    """The processes that this one and those have started, without some."""
    psutil = importlib.import_module("psutil")  # Ray brings one along
    return [one for one in psutil.Process().children(recursive=True) if one not in before]


def _end(processes: Sequence[Any]) -> None:
    """Wait for processes that are to end, and end those that do not."""
    psutil = importlib.import_module("psutil")
    for one in psutil.wait_procs(processes, timeout=GRACE)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()

"""Make a run folder: whole from the first moment on, and with a name that nobody else has."""

import os
import re
import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox import registry
from sandbox.files import json_bytes, refused, temporary_path
from sandbox.versions import versions

CONFIG, STATUS = "config.json", "status.json"
LONGEST_NAME = 60


def make_folder(root: Path, target: str, config: Mapping[str, Any], status: Mapping[str, Any]) -> Path:
    """Make the next folder of a target, such as `cartpole-004`, with its config.json and status.json.

    Args:
        root: the folder of all runs; made if it is missing.
        target: what is trained.
        config: replaces and adds to what config.json holds by itself.
        status: the same for status.json.

    Raises:
        UserError: the folder cannot be written.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", target.lower()).strip("-")[-LONGEST_NAME:].strip("-") or "run"
    full_config = {
        "target": target,
        "kind": "task" if registry.is_task(target) else "agent",
        "created": datetime.now(UTC).isoformat(timespec="microseconds"),
        "versions": versions(),
        **config,
    }
    full_status = {
        "state": "queued",
        "step": 0,
        "total": 0,
        "unit": "step",
        "message": "",
        "seconds": 0.0,
        "updated": time.time(),
        # Until training has taken the lock, the process that made the run is the witness that it is alive.
        "launching": os.getpid() if status.get("state") == "running" else None,
        **status,
    }
    temporary = temporary_path(root / f"{slug}-{time.monotonic_ns()}")
    try:
        root.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        (temporary / STATUS).write_bytes(json_bytes(full_status))
        while True:
            path = root / f"{slug}-{_last_number(root, slug) + 1:03d}"
            (temporary / CONFIG).write_bytes(json_bytes({"name": path.name, **full_config}))
            try:
                # Renaming onto a folder that is not empty fails: of two processes one takes the next number.
                temporary.rename(path)
            except OSError:
                if not path.exists():
                    raise
            else:
                return path
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise refused("make a run in", root, error, "SANDBOX_RUNS names another folder") from error


def _last_number(root: Path, slug: str) -> int:
    names = (re.fullmatch(rf"{re.escape(slug)}-(\d+)", path.name) for path in root.iterdir())
    return max((int(found[1]) for found in names if found), default=0)

"""What decides a result besides code and seed."""

import platform
import sys
from functools import cache
from importlib import metadata

PACKAGES = ("torch", "numpy", "numba", "gymnasium", "stable-baselines3", "scikit-learn", "deep-sandbox")


def versions() -> dict[str, str]:
    """Versions of what decides a result, for config.json."""
    return dict(_found())


@cache
def _found() -> dict[str, str]:
    # Once in a process: a package's version is looked up in all that is known of it.
    found = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found

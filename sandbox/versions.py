"""What decides a result besides code and seed."""

import platform
import sys
from importlib import metadata

PACKAGES = ("torch", "numpy", "numba", "gymnasium", "stable-baselines3", "scikit-learn", "deep-sandbox")


def versions() -> dict[str, str]:
    """Versions of what decides a result, for config.json."""
    found = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found

"""Notices that a folder of somebody else's stands in for one of our packages."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from sandbox.errors import UserError


class ShadowedError(UserError, ImportError):
    """Python finds another folder of the same name before one of our packages."""


def require_own(*packages: str) -> None:
    """See to it that packages are those that stand beside this one.

    Args:
        packages: names, such as "envs".

    Raises:
        ShadowedError: Python finds another folder first; names both.
    """
    home = Path(__file__).resolve().parents[1]
    for name in packages:
        module = sys.modules.get(name)
        spec = module.__spec__ if module is not None else importlib.util.find_spec(name)
        places = [Path(place).resolve() for place in (spec.submodule_search_locations or ())] if spec else []
        if places and home / name not in places:
            raise ShadowedError(
                f"Your own folder {places[0]} shadows {home / name} of Deep Sandbox, because both are called "
                f"{name!r}; rename yours, or run this from another folder."
            )

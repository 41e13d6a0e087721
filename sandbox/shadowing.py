"""Notices that a folder of somebody else's stands in for one of our packages."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from sandbox.errors import UserError

PACKAGES = ("envs", "sandbox", "agents", "apps")


class ShadowedError(UserError, ImportError):
    """Python finds another folder of the same name before one of our packages."""


def shadows_in(folder: Path) -> list[str]:
    """Sentences for what would stand in for our packages in a script of this folder.

    A script that only imports gymnasium and a package `envs` of its own runs no line of ours that could say
    so.
    """
    home = Path(__file__).resolve().parents[1]
    found = []
    for name in PACKAGES:
        places = (folder / name / "__init__.py", folder / f"{name}.py")
        for place in (place for place in places if place.is_file() and folder.resolve() != home):
            own = place.parent if place.name == "__init__.py" else place
            found.append(f"{own} shadows {home / name} of Deep Sandbox in scripts of this folder")
    return found


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

"""Corruptions by kind of input, found by the file's name."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping

from sandbox import corruptions
from sandbox.corruptions.corruption import Corruption


def corruptions_of(kind: str) -> Mapping[str, Corruption]:
    """All ways to spoil inputs of a kind, by name; none where there is no file for the kind."""
    module = f"sandbox.corruptions.{kind}"
    if importlib.util.find_spec(module) is None:
        return {}
    return importlib.import_module(module).CORRUPTIONS


def every_corruption() -> set[str]:
    """Names of all corruptions, of whatever kind of input."""
    modules = [
        importlib.import_module(f"sandbox.corruptions.{info.name}")
        for info in pkgutil.iter_modules(corruptions.__path__)
    ]
    return {name for module in modules for name in getattr(module, "CORRUPTIONS", {})}

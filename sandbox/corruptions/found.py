"""Corruptions by kind of input, found by the file's name."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping

from sandbox import corruptions
from sandbox.corruptions.corruption import Corruption
from sandbox.tasks.inputs.kind import Input


def corruptions_of(input: Input) -> Mapping[str, Corruption]:
    """All ways to spoil such inputs, by name; none where there is no file for their kind.

    The file has `CORRUPTIONS`, or a function `corruptions(input)` where they depend on more than the kind.
    """
    name = f"sandbox.corruptions.{input.kind}"
    if importlib.util.find_spec(name) is None:
        return {}
    module = importlib.import_module(name)
    return module.corruptions(input) if hasattr(module, "corruptions") else module.CORRUPTIONS


def every_corruption() -> set[str]:
    """Names of all corruptions, of whatever kind of input."""
    modules = [
        importlib.import_module(f"sandbox.corruptions.{info.name}")
        for info in pkgutil.iter_modules(corruptions.__path__)
    ]
    return {name for module in modules for name in getattr(module, "CORRUPTIONS", {})}

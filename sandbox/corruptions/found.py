"""Corruptions by kind of input, found by the file's name."""

import importlib
import importlib.util
from collections.abc import Mapping

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

"""Which module shows an input or an output of a kind."""

import importlib
from types import ModuleType

from apps.studio.page.run_view import RunView


def input_of(view: RunView) -> ModuleType:
    """The module of `apps/studio/inputs/` for what the network takes."""
    return importlib.import_module(f"apps.studio.inputs.{view.predictor.input.kind}")


def output_of(view: RunView) -> ModuleType:
    """The module of `apps/studio/outputs/` for what the network answers."""
    return importlib.import_module(f"apps.studio.outputs.{view.predictor.output.kind}")

"""The optimiser of this training, as code."""

from apps.neurons.live_view import LiveView
from apps.studio.page.source_code import show_source
from sandbox.blocks import descent

TITLE = "Optimiser"
ORDER = 10


def fits(view: LiveView) -> bool:
    """Always."""
    return True


def show(page: str, view: LiveView) -> None:
    """Draw its source."""
    optimizer = descent.OPTIMIZERS[view.settings.optimizer]
    show_source(optimizer, f"**The optimiser, {view.settings.optimizer}**, `sandbox/blocks/descent.py`:")

"""Drawing: pixels, display lists for a browser, and windows."""

from envs.engine.canvas.canvas import Align, Canvas, DisplayList, PygameCanvas, replay

__all__ = ["Align", "Canvas", "DisplayList", "PygameCanvas", "replay"]

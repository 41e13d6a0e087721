"""The CNN microscope."""

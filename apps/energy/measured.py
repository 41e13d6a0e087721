"""Figures over seeds, measured beforehand by `python -m apps.energy.bench`."""

COMMAND = "python -m apps.energy.bench"
LABELS: tuple[dict[str, str], ...] = ()
LABELS_NOTE = ""
MACHINES: tuple[dict[str, str], ...] = ()
MACHINES_NOTE = ""

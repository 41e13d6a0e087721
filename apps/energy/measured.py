"""Figures over seeds, measured beforehand by `python -m apps.energy.bench`."""

COMMAND = "python -m apps.energy.bench"
LABELS: tuple[dict[str, str], ...] = tuple(
    dict(zip(("labels", "pretrained", "not pretrained", "nearest neighbour", "gain"), row, strict=True))
    for row in (
        ("20", "76.7 [75.8, 77.6]", "74.5 [71.7, 77.2]", "75.5 [72.5, 78.2]", "2.2 [-0.1, 4.5]"),
        ("50", "86.9 [85.6, 88.4]", "84.6 [83.4, 86.4]", "86.6 [83.9, 88.5]", "2.2 [1.4, 3.0]"),
        ("200", "92.8 [91.9, 93.7]", "92.6 [91.5, 93.8]", "96.1 [95.5, 96.7]", "0.2 [-0.3, 0.7]"),
    )
)
"""Right of 100 held-out digits."""
LABELS_NOTE = (
    "2026-11-23, CPU: right of 100, mean of 5 seeds, each with its own split and labels, 95 % interval "
    "over seeds. Pretraining helps where labels are few; with 200 the neighbour is ahead."
)
MACHINES: tuple[dict[str, str], ...] = ()
MACHINES_NOTE = ""

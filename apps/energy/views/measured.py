"""Figures over seeds, measured beforehand by `python -m apps.energy.bench`."""

import streamlit as st

from apps.studio.page.run_view import RunView

TITLE = "Measured beforehand, on scikit-learn's digits"
ORDER = 50
COMMAND = "python -m apps.energy.bench"
LABELS: tuple[dict[str, str], ...] = tuple(
    dict(zip(("labels", "pretrained", "not pretrained", "nearest neighbour", "gain"), row, strict=True))
    for row in (
        ("20", "76.7 [75.8, 77.6]", "74.5 [71.7, 77.2]", "75.5 [72.5, 78.2]", "2.2 [-0.1, 4.5]"),
        ("50", "86.9 [85.6, 88.4]", "84.6 [83.4, 86.4]", "86.6 [83.9, 88.5]", "2.2 [1.4, 3.0]"),
        ("200", "92.8 [91.9, 93.7]", "92.6 [91.5, 93.8]", "96.1 [95.5, 96.7]", "0.2 [-0.3, 0.7]"),
    )
)
LABELS_NOTE = (
    "2026-11-23, CPU: correct out of 100, mean of 5 seeds, each with its own split and labels, 95 % interval "
    "over seeds. Pretraining helps where labels are few; with 200 the neighbour is ahead."
)
MACHINES: tuple[dict[str, str], ...] = tuple(
    dict(zip(("who", "completion score", "pseudo-likelihood, nats"), row, strict=True))
    for row in (
        ("5 nearest neighbours", "0.541 [0.535, 0.548]", ""),
        ("PCD, 128 chains", "0.426 [0.419, 0.433]", "-13.88 [-13.98, -13.79]"),
        ("CD-5", "0.422 [0.413, 0.427]", "-13.79 [-13.87, -13.70]"),
        ("CD-1", "0.398 [0.386, 0.414]", "-13.83 [-13.89, -13.76]"),
        ("scikit-learn's BernoulliRBM", "0.309 [0.295, 0.322]", "-16.95 [-17.05, -16.86]"),
        ("20 principal components", "0.294 [0.284, 0.304]", ""),
    )
)
MACHINES_NOTE = (
    "2026-11-23, CPU: 1 is right, 0 the mean digit; 128 hidden units; mean of 5 seeds, each with its own "
    "split, 95 % interval over seeds. The neighbours are ahead of every machine."
)


def fits(view: RunView) -> bool:
    """For runs of both tasks."""
    return True


def show(page: str, view: RunView) -> None:
    """Draw the table of the run's task."""
    machines = view.run.config["target"] == "energy/rbm"
    st.table(list(MACHINES if machines else LABELS), hide_index=True)
    st.caption(f"{MACHINES_NOTE if machines else LABELS_NOTE} Again with `{COMMAND}`.")

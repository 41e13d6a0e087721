"""What a stack dreams of what it has seen, before it learns any name."""

import streamlit as st
import torch

from apps.energy.dbn import TwoNets
from apps.studio.browser.animation import film
from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView

TITLE = "Dreams"
ORDER = 30
DRAWS = (1, 2, 4, 8, 16, 32, 64, 100)
DREAMS = 12


def fits(view: RunView) -> bool:
    """Whether it is a stack of machines."""
    return isinstance(view.predictor, TwoNets)


def show(page: str, view: RunView) -> None:
    """Draw the dreams."""
    st.markdown(
        "**What the stack dreams** of what it has seen",
        help="From unseen pictures, the top machine runs its chain; each layer below draws once. The weights "
        "are those before the first label: training with labels changes them, and the dreams are gone.",
    )
    frames = kept(("dreams", *view.key), lambda: dreams(before_labels(view)))
    film(
        frames.numpy().reshape(len(DRAWS), -1, *view.predictor.input.shape[1:]),
        key=f"{page}:stack-dream",
        label=f"{DREAMS} dreams of the stack",
        across=6,
        unit="dream",
        width=560,
    )
    known = view.settings.labels
    st.caption(
        f"Both nets know the labels of {known} {view.things}. The pretrained one has also seen the other "
        f"{len(view.split.train) - known:,}, without labels."
    )


def before_labels(view: RunView) -> RunView:
    """The run at its last age before the first label, or younger if the view is."""
    steps = [step for step in view.run.checkpoints() if step <= min(view.settings.before, view.step)]
    return (RunView.at(view.run, steps[-1]) if steps else None) or view


def dreams(view: RunView) -> torch.Tensor:
    """Dreams from the top after ever more draws, (frames, pictures, V)."""
    net, start = view.predictor.nets["pretrained"], view.test.inputs[:DREAMS].flatten(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torch.stack([net.dream(start, steps) for steps in DRAWS])

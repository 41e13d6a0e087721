"""How far the gradient of the last answer's loss reaches back through time, now and at every age."""

from functools import partial

import numpy as np
import streamlit as st

from apps.studio import background_work
from apps.studio.browser.heatmap import heat
from apps.studio.charts.colours import hue
from apps.studio.charts.curves import Curve, show_curves, thin
from apps.studio.page.run_view import RunView
from sandbox.errors import UserError
from sandbox.explain_time import gradient_norms
from sandbox.metrics.answers import losses
from sandbox.tasks.families.sequence_answering import SequencePredictor
from sandbox.tasks.loading import load_predictor

TITLE = "Gradient through time"
ORDER = 20
FLOOR = 1e-12
"""Least gradient on the logarithmic axis."""
COUNT, MOST = 32, 24
"""Unseen sequences, and ages, at which it is computed."""


def fits(view: RunView) -> bool:
    """Whether networks read sequences."""
    return isinstance(view.predictor, SequencePredictor)


def show(page: str, view: RunView) -> None:
    """Draw the gradient over time steps, then the same at every age."""
    st.markdown(
        "**The gradient on its way back through time**: how much the last answer's loss depends on what each "
        "network held at each step, as a share of the last step's",
        help="Norm of d loss / d h_t, mean over 32 unseen sequences. Where it is a millionth, nothing can "
        "be learned from that step. Drag the age below to see it at other times of the training.",
    )
    picture(page, view)
    ages = background_work.ask(
        ("gradients in time", view.run.path, len(view.run.checkpoints())), lambda: by_age(view)
    )
    if ages is None:
        st.caption("The gradients of all ages are being computed …")
        return
    steps, found = ages
    st.markdown(
        "**The same at every age**, from the untrained network at the top",
        help="Each row is a checkpoint, each column a time step; as strong as the logarithm of the gradient. "
        "Empty is below a hundred-thousandth of the last step's.",
    )
    for column, (name, rows) in zip(st.columns(len(found), gap="medium"), found.items(), strict=True):
        with column:
            heat(
                np.clip(1 + np.log10(np.maximum(rows, FLOOR)) / 5, 0, 1),
                key=f"{page}:ages:{name}",
                alt=f"Gradient of {view.title(name)} over time steps and ages",
                y_title="age",
                names=[f"step {step:,} of training" for step in steps],
                note=view.title(name),
                height=130,
                scale=1.0,
                picked=steps.index(view.step) if view.step in steps else None,
            )


def picture(page: str, view: RunView) -> None:
    """Draw the gradient of each network over the steps back from the answer."""
    found = norms(view.predictor, view)
    show_curves(
        [
            Curve(
                name=view.title(name),
                x=list(range(len(values))),
                y=np.maximum(values[::-1], FLOOR).tolist(),
                color=hue(name, view.task.networks),
                format=".0e",
            )
            for name, values in found.items()
        ],
        x_title="steps back from the answer",
        y_title="|d loss / d h_t|, last = 1",
        alt="Gradient at the first step: "
        + ", ".join(f"{view.title(name)} {values[0]:.0e}" for name, values in found.items()),
        log=True,
        key=f"{page}:gradient",
        height=240,
    )


def norms(predictor: SequencePredictor, view: RunView) -> dict[str, np.ndarray]:
    """`gradient_norms` of each network, (T,), over a few of the view's unseen sequences."""
    some = view.split.test.part(slice(COUNT))
    by = partial(losses, predictor.output.what)
    return {
        name: gradient_norms(one, by, some.inputs, some.targets) for name, one in predictor.networks.items()
    }


def by_age(view: RunView) -> tuple[list[int], dict[str, np.ndarray]]:
    """At most `MOST` checkpoints, and the norms of each network at each, (ages, T)."""
    steps = view.run.checkpoints()
    kept, found = [], dict[str, list[np.ndarray]]()
    for step in (steps[i] for i in thin(len(steps), MOST)):
        try:
            predictor: SequencePredictor = load_predictor(view.run, step)
        except UserError:
            if step in view.run.checkpoints():
                raise
            continue  # thinned out since it was listed
        kept.append(step)
        for name, values in norms(predictor, view).items():
            found.setdefault(name, []).append(values)
    return kept, {name: np.stack(values) for name, values in found.items()}

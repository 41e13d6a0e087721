"""What a network holds while it reads this very sequence: states and gates, or who looks where."""

import numpy as np
import streamlit as st
import torch

from apps.studio.browser.heatmap import heat
from apps.studio.charts.colours import hue
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.explain_time import follows, trace
from sandbox.tasks.families.sequence_answering import SequencePredictor

TITLE = "States and gates"
ORDER = 10
SEQUENCES, LEAST = 200, 0.05
"""Unseen sequences that a unit is followed over, and the least correlation worth a word."""
ABOUT = {
    "hidden": "**Hidden state** h: what it passes on at every step",
    "cell": "**Cell** c: what it keeps; added to, not rewritten",
    "forget": "**Forget gate** f: strong colour keeps, faint forgets",
    "input": "**Input gate** i: strong colour writes",
    "output": "**Output gate** o: strong colour shows",
    "candidate": "**Candidate** g: what would be written",
}


def fits(view: RunView) -> bool:
    """Whether networks read sequences."""
    return isinstance(view.predictor, SequencePredictor)


def show(page: str, view: RunView) -> None:
    """Draw what one of the networks holds while it reads the sequence of *Try*."""
    names = list(view.predictor.networks)
    name = "lstm" if "lstm" in names else names[0]
    if len(names) > 1:
        name = st.segmented_control(
            "Look into",
            names,
            format_func=view.title,
            default=name,
            required=True,
            key=f"{page}:network",
            help="The network whose insides are shown, while it reads the sequence of Try.",
        )
    sequence = torch.from_numpy(np.asarray(current(page, view).value).copy())[None]
    found = trace(view.predictor.networks[name], sequence)
    if "head 1" in found:
        _attention(page, found)
    else:
        _states(page, view, str(name), found)


def _states(page: str, view: RunView, network: str, found: dict[str, np.ndarray]) -> None:
    names = [name for name in ABOUT if name in found]
    picked = st.session_state.get(f"{page}:unit")
    if picked is not None and picked >= len(found["hidden"]):
        picked = None
    columns = st.columns(2 if len(names) > 1 else 1, gap="medium")
    for i, name in enumerate(names):
        with columns[i % len(columns)]:
            st.markdown(ABOUT[name], help="Click a row to follow that unit through time.")
            row = heat(
                found[name],
                key=f"{page}:{network}:{name}",
                alt=f"{name} of every unit over time; blue is positive, red negative",
                signed=name in ("hidden", "cell", "candidate"),
                scale=None if name == "cell" else 1.0,
                height=150,
                pickable=True,
                picked=picked,
            )
            if row is not None:
                st.session_state[f"{page}:unit"] = row
                st.rerun(scope="fragment")
    if picked is None:
        st.caption("Click a row to follow one unit through time.")
    else:
        _unit(page, view, network, found, picked)


def _unit(page: str, view: RunView, network: str, found: dict[str, np.ndarray], unit: int) -> None:
    st.markdown(f"**Unit {unit + 1}** of the {view.title(network)}")
    shades = {"hidden": 0.0, "cell": 0.35, "forget": 0.5, "input": 0.7}
    color = hue(network, view.task.networks)
    show_curves(
        [
            Curve(
                name=name,
                x=list(range(1, found["hidden"].shape[1] + 1)),
                y=found[name][unit].tolist(),
                color=palette.blend(color, palette.BASELINE, share),
                style="solid" if name in ("hidden", "cell") else "thin",
                format=".2f",
            )
            for name, share in shades.items()
            if name in found
        ],
        x_title="time step",
        y_title="value",
        alt=f"Unit {unit + 1} over time",
        key=f"{page}:unit-curve",
        height=220,
    )
    inputs = view.split.test.part(slice(SEQUENCES)).inputs
    column, lag, correlation = follows(view.predictor.networks[network], unit, inputs)
    if abs(correlation) < LEAST:
        st.caption("It stays the same whatever it reads.")
        return
    when = "of the same step" if lag == 0 else f"{lag} step{'s' * (lag > 1)} before"
    what = _columns(view)[column]
    st.caption(
        f"Over {len(inputs)} unseen sequences it follows most {what} {when} (correlation {correlation:z.2f})."
    )


def _columns(view: RunView) -> list[str]:
    """What each column of the inputs is called."""
    found = []
    for channel in view.predictor.input.channels:
        if channel.what == "symbol":
            found += [f"the symbol {symbol}" for symbol in channel.symbols + channel.others]
        else:
            found.append(f"the {channel.what}")
    return found


def _attention(page: str, found: dict[str, np.ndarray]) -> None:
    heads = [name for name in found if name.startswith("head")]
    st.markdown(
        "**Who looks where**: each row is a step that looks, each column a step that is looked at",
        help="Shares of the top layer's attention; every row adds up to 1, and nobody can look ahead.",
    )
    for column, name in zip(st.columns(len(heads), gap="small"), heads, strict=True):
        with column:
            heat(
                np.sqrt(found[name]),
                key=f"{page}:{name}",
                alt=f"Attention of {name}",
                x_title="looked at",
                y_title="looks",
                names=[f"step {i + 1} looks, square root of its share" for i in range(len(found[name]))],
                note=name,
                scale=1.0,
                square=True,
            )
    last = np.stack([found[name][-1] for name in heads])
    st.markdown("**Where the last step looks**, head by head")
    heat(
        last,
        key=f"{page}:last",
        alt="Where the last step looks: "
        + ", ".join(f"{n} at {int(r.argmax()) + 1}" for n, r in zip(heads, last, strict=True)),
        y_title="head",
        names=heads,
        height=90,
        scale=float(max(last.max(), 1e-6)),
    )

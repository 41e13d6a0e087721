"""Inside: what a network holds while it reads this very sequence, and how its gradient travels back."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from apps.sequences import attempt, reading
from apps.sequences.hues import hue
from apps.sequences.networks import TITLES
from apps.studio import background_work
from apps.studio.browser.heatmap import heat
from apps.studio.charts.curves import Curve, show_curves
from envs.engine import palette

if TYPE_CHECKING:
    from apps.sequences.reading import Look

FLOOR = 1e-12
"""Least gradient on the logarithmic axis."""
ABOUT = {
    "hidden": "**Hidden state** h: what it says at every step",
    "cell": "**Cell** c: what it keeps; added to, not rewritten",
    "forget": "**Forget gate** f: strong is keep, faint is forget",
    "input": "**Input gate** i: strong is write",
    "output": "**Output gate** o: strong is show",
    "candidate": "**Candidate** g: what would be written",
}


def show(look: "Look") -> None:
    """Draw the tab."""
    _gradient(look)
    blocks = look.blocks
    first = "lstm" if "lstm" in blocks else blocks[0]
    block = first
    if len(blocks) > 1:
        block = (
            st.segmented_control(
                "Look into",
                blocks,
                format_func=TITLES.__getitem__,
                default=first,
                key="sequences:inside",
                help="The network whose insides are shown, while it reads the sequence of Try.",
            )
            or first
        )
    found = reading.trace(look, block, attempt.current_inputs(look))
    if block == "attention":
        _attention(look, found)
    else:
        _states(look, block, found)


def _gradient(look: "Look") -> None:
    st.markdown(
        "**The gradient on its way back through time**: how much the last answer's loss depends on what each "
        "network held at each step, as a share of the last step's",
        help="Norm of d loss / d h_t, mean over 32 held-out sequences. Where it is a millionth, nothing can "
        "be learned from that step. Drag the age below to see it at other times of the training.",
    )
    curves = []
    for block in look.blocks:
        norms = reading.gradient_norms(look.networks.by_name[block], look.networks.answers, look.held_out)
        curves.append(
            Curve(
                name=TITLES[block],
                x=list(range(len(norms))),
                y=np.maximum(norms[::-1], FLOOR).tolist(),
                color=hue(block),
                format=".0e",
            )
        )
    lost = {block: float(curve.y[-1]) for block, curve in zip(look.blocks, curves, strict=True)}
    show_curves(
        curves,
        x_title="steps back from the answer",
        y_title="|d loss / d h_t|, last = 1",
        alt="Gradient at the first step: " + ", ".join(f"{TITLES[b]} {v:.0e}" for b, v in lost.items()),
        log=True,
        key="sequences:gradient",
        height=240,
    )
    ages = background_work.ask(
        ("sequences gradients", look.run.path, len(look.run.checkpoints())),
        lambda: reading.gradients_by_age(look.run, look.held_out),
    )
    if ages is None:
        st.caption("The gradients of all ages are being computed …")
        return
    steps, norms = ages
    st.markdown(
        "**The same at every age**, from the untrained network at the top",
        help="Each row is a checkpoint, each column a time step; as strong as the logarithm of the gradient. "
        "Empty is below a hundred-thousandth of the last step's.",
    )
    for column, (block, rows) in zip(st.columns(len(norms), gap="medium"), norms.items(), strict=True):
        with column:
            shade = np.clip(1 + np.log10(np.maximum(rows, FLOOR)) / 5, 0, 1)
            heat(
                shade,
                key=f"sequences:ages:{block}",
                alt=f"Gradient of {TITLES[block]} over time steps and ages",
                y_title="age",
                names=[f"step {step:,} of training" for step in steps],
                note=TITLES[block],
                height=130,
                scale=1.0,
                picked=steps.index(look.step) if look.step in steps else None,
            )


def _states(look: "Look", block: str, found: dict[str, np.ndarray]) -> None:
    names = [name for name in ABOUT if name in found]
    picked = st.session_state.get("sequences:unit")
    if picked is not None and picked >= len(found["hidden"]):
        picked = None
    columns = st.columns(2 if len(names) > 1 else 1, gap="medium")
    for i, name in enumerate(names):
        with columns[i % len(columns)]:
            st.markdown(ABOUT[name], help="Click a row to follow that unit through time.")
            row = heat(
                found[name],
                key=f"sequences:{block}:{name}",
                alt=f"{name} of every unit over time; blue is positive, red negative",
                signed=name in ("hidden", "cell", "candidate"),
                scale=None if name == "cell" else 1.0,
                height=150,
                pickable=True,
                picked=picked,
            )
            if row is not None:
                st.session_state["sequences:unit"] = row
                st.rerun(scope="fragment")
    if picked is None:
        st.caption("Click a row to follow one unit through time.")
        return
    _unit(look, block, found, picked)


def _unit(look: "Look", block: str, found: dict[str, np.ndarray], unit: int) -> None:
    st.markdown(f"**Unit {unit + 1}** of the {TITLES[block]}")
    shades = {"hidden": 0.0, "cell": 0.35, "forget": 0.5, "input": 0.7}
    color = hue(block)
    x = list(range(1, found["hidden"].shape[1] + 1))
    show_curves(
        [
            Curve(
                name=name,
                x=x,
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
        key="sequences:unit-curve",
        height=220,
    )
    score = _drives(look, block, unit)
    st.caption(score)


def _drives(look: "Look", block: str, unit: int) -> str:
    """What a unit's state follows most, over held-out sequences: one sentence with correlations."""
    torch = reading.torch
    drawn = look.held_out
    with torch.inference_mode():
        held = look.networks.by_name[block].features(drawn.inputs[:200])[..., unit]
    names = {
        "adding": ["the number", "the mark"],
        "copying": [],
        "echo": ["the bit"],
        "forecast": ["the value"],
    }
    inputs = drawn.inputs[:200]
    if look.name == "copying":
        names["copying"] = [f"the symbol {letter}" for letter in "ABCDEFGH"] + ["nothing", "the question"]
    best, most = "", 0.0
    for lag in range(min(inputs.shape[1], 12)):
        state = held[:, lag:].flatten()
        for channel, name in enumerate(names[look.name]):
            value = inputs[:, : inputs.shape[1] - lag, channel].flatten()
            if float(value.std()) == 0 or float(state.std()) == 0:
                continue
            r = float(torch.corrcoef(torch.stack([state, value]))[0, 1])
            if abs(r) > abs(most):
                when = "of the same step" if lag == 0 else f"{lag} step{'s' * (lag > 1)} before"
                best, most = f"{name} {when}", r
    if not best:
        return "It says the same whatever it reads."
    return f"Over 200 held-out sequences it goes along most with {best} (correlation {most:z.2f})."


def _attention(look: "Look", found: dict[str, np.ndarray]) -> None:
    heads = [name for name in found if name.startswith("head")]
    st.markdown(
        "**Who looks where**: each row is a step that looks, each column a step that is looked at",
        help="Shares of the top layer's attention; every row adds up to 1, and nobody can look ahead.",
    )
    for column, name in zip(st.columns(len(heads), gap="small"), heads, strict=True):
        with column:
            heat(
                np.sqrt(found[name]),
                key=f"sequences:{name}",
                alt=f"Attention of {name}",
                x_title="looked at",
                y_title="looks",
                names=[f"step {i + 1} looks, root of its share" for i in range(len(found[name]))],
                note=name,
                scale=1.0,
                square=True,
            )
    last = np.stack([found[name][-1] for name in heads])
    st.markdown("**Where the last step looks**, head by head")
    heat(
        last,
        key="sequences:last",
        alt="Where the last step looks: "
        + ", ".join(f"{n} at {int(r.argmax()) + 1}" for n, r in zip(heads, last, strict=True)),
        y_title="head",
        names=heads,
        height=90,
        scale=float(max(last.max(), 1e-6)),
    )

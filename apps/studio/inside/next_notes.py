"""Next notes: how probable each key is at every step of a piece, and which chords come as a surprise."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.heatmap import heat
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.data.piano_roll import LONGEST, LOWEST, name_of, text_of
from sandbox.tasks.families.music_composer import NetworkComposer

TITLE = "Next notes"
ORDER = 10
AROUND = 5
"""Keys above and below those that sound."""


def fits(view: RunView) -> bool:
    """Whether it composes with a network."""
    return isinstance(view.predictor, NetworkComposer)


def show(page: str, view: RunView) -> None:
    """Draw what it expects, what came, and what each chord costs."""
    piece = np.asarray(current(page, view).value, bool)[-LONGEST:]
    _expected(page, view)
    st.markdown("**What came**: the notes of the piece")
    low, high = _range(piece)
    heat(
        piece[:, low:high].T[::-1].astype(float),
        key=f"{page}:came",
        alt="The notes of the piece",
        y_title="key",
        names=_names(low, high),
        scale=1.0,
        height=200,
    )
    composer: Any = view.predictor
    costs = {"network": composer.costs([piece])[0]}
    others = view.later(
        f"music {piece.tobytes()!r}",
        lambda: _of_others(view, piece),
    )
    costs |= others or {}
    st.markdown("**What each chord costs**, in nats: the higher, the less it was expected")
    hues = [palette.MODEL, palette.BASELINE, palette.DANGER]
    show_curves(
        [
            Curve(
                name=name, x=list(range(1, len(piece) + 1)), y=one.tolist(), color=hues[min(i, 2)], format=""
            )
            for i, (name, one) in enumerate(costs.items())
        ],
        x_title="time step",
        y_title="nats",
        zero=True,
        alt="; ".join(f"{name}: {one.mean():z.2f} nats per step" for name, one in costs.items()),
        key=f"{page}:costs",
    )
    worst = int(costs["network"].argmax())
    said = " · ".join(f"{escape(name)} **{one.mean():z.2f}**" for name, one in costs.items())
    st.caption(
        f"Nats per step: {said}. The greatest surprise is {escape(text_of(piece[worst : worst + 1]))} "
        f"at step {worst + 1}."
    )


def picture(page: str, view: RunView) -> None:
    """Draw what it expects at each step of an unseen piece."""
    _expected(page, view)


def _expected(page: str, view: RunView) -> None:
    piece = np.asarray(current(page, view).value, bool)[-LONGEST:]
    low, high = _range(piece)
    by_key = view.predictor.model.chord == "keys"
    st.markdown(
        "**What it expects**: how probable each key is "
        + ("at each step" if by_key else "as the highest note of each step")
    )
    heat(
        view.predictor.next_notes(piece)[:, low:high].T[::-1],
        key=f"{page}:expected",
        alt="How probable each key is at each step",
        y_title="key",
        names=_names(low, high),
        scale=1.0,
        height=200,
        note="The darker, the more probable, given all steps before.",
    )


def _of_others(view: RunView, piece: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """Nats of each step with each baseline."""
    others: dict[str, Any] = dict(view.baselines)
    return {name: one.costs([piece])[0] for name, one in others.items()}


def _range(piece: NDArray[np.bool_]) -> tuple[int, int]:
    keys = np.flatnonzero(piece.any(0))
    return max(0, int(keys[0]) - AROUND), min(piece.shape[1], int(keys[-1]) + AROUND + 1)


def _names(low: int, high: int) -> list[str]:
    return [name_of(key + LOWEST) for key in reversed(range(low, high))]

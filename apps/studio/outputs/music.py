"""Music as an answer: drawn, heard, and the rules of counterpoint that it breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.charts.piano_roll import Part, show_roll
from apps.studio.inputs.notes import TEMPO, listen
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.data.formats import midi, sounds
from sandbox.data.piano_roll import text_of
from sandbox.data.plucked_tone import RATE, sound
from sandbox.metrics.counterpoint import RULES, breaks

BEGINNING, COMPARED = 8, 24
"""Steps of a piece that are given, and written behind them, where several are compared."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw a piece and what follows it."""
    begin = np.asarray(given.value, bool)[-BEGINNING:]
    show_music(page, view, Part("given", begin, palette.BASELINE), np.asarray(answer, bool))


def show_music(page: str, view: RunView, given: Part, written: NDArray[np.bool_], *, key: str = "") -> None:
    """Draw what is given and what was written behind it, or below it; a player and files for both.

    Args:
        page: the page's name.
        view: the run.
        given: what was there; begins at 0.
        written: as long as `given` where it holds that, too; else it follows.
        key: tells several on a page apart.
    """
    over = key == "below"
    new = written & ~given.roll[: len(written)] if over else written
    whole = written if over else np.concatenate([given.roll, written])
    per_beat = view.predictor.input.per_beat
    show_roll(
        [given, Part("the network", new, begin=0 if over else len(given.roll))],
        key=f"{page}:written:{key}",
        alt=f"Written: {text_of(written[:8])}",
        tied=per_beat > 1,
    )
    listen(whole, per_beat)
    with st.container(horizontal=True, gap="small"):
        for name, ending, content in (
            ("MIDI", "mid", midi.to_bytes(whole, per_beat, TEMPO)),
            ("WAV", "wav", sounds.wav(sound(whole, per_beat, TEMPO), RATE)),
        ):
            st.download_button(
                name,
                content,
                f"{view.run.name}.{ending}",
                icon=":material/download:",
                type="tertiary",
                key=f"{page}:save:{ending}:{key}",
                on_click="ignore",
            )


def show_breaks(view: RunView, pieces: dict[str, list[NDArray[np.bool_]]]) -> None:
    """Write a table of rule breaks in 100 steps, beside those of the unseen music."""
    rows = {"the unseen music": [np.asarray(one, bool) for one in view.test.inputs], **pieces}
    head = "| in 100 steps | " + " | ".join(RULES) + " |\n|---|" + "---:|" * len(RULES)
    lines = []
    for name, some in rows.items():
        steps = max(1, sum(map(len, some)))
        counts = [breaks(one) for one in some]
        rates = (100 * sum(count[rule] for count in counts) / steps for rule in RULES)
        lines.append(f"| {escape(name)} | " + " | ".join(f"{rate:z.1f}" for rate in rates) + " |")
    st.markdown("\n".join([head, *lines]))


def grades(view: RunView) -> Grades:
    """Nothing but the pieces: the figure is one of all of them."""
    return Grades([""] * len(view.test), np.zeros(0, int), "")


def compare(page: str, view: RunView) -> None:
    """Draw and play what the network and each baseline write behind the same beginning."""
    begin = np.asarray(current(page, view).value, bool)[:BEGINNING]
    st.markdown("**The same beginning, continued** by the network and by the simple methods")
    some = [np.asarray(one, bool)[:BEGINNING] for one in view.test.inputs][:COMPARED]
    found = view.later(f"composed {begin.tobytes()!r}", lambda: _composed(view, [begin, *some]))
    if found is None:
        st.caption("Everybody is composing …")
        return
    written: dict[str, list[NDArray[np.bool_]]] = {}
    for column, (name, (answer, *rest)) in zip(
        st.columns(len(found), gap="medium"), found.items(), strict=True
    ):
        written[name] = rest
        with column:
            st.markdown(escape(name[:1].upper() + name[1:]))
            parts = [Part("given", begin, palette.BASELINE), Part(name, answer, begin=len(begin))]
            show_roll(parts, key=f"{page}:compared:{len(written)}", alt=text_of(answer[:8]), height=220)
            listen(np.concatenate([begin, answer]), view.predictor.input.per_beat)
    st.markdown(f"**Rules broken** in what they write behind {len(some)} beginnings")
    show_breaks(view, written)
    st.caption(
        "Composers break rules, too, so the aim is not zero but as many as in the music. A method that "
        "copies what it has counted breaks few."
    )


def _composed(view: RunView, begins: list[NDArray[np.bool_]]) -> dict[str, list[NDArray[np.bool_]]]:
    """What the network and each baseline write behind beginnings."""
    composers = {"network": view.predictor, **view.baselines}
    return {
        name: one.go_on(begins, replace(one.composing, length=COMPARED)) for name, one in composers.items()
    }

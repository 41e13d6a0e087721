"""Try: give it a beginning, and see it write on, better from second to second."""

from __future__ import annotations

import streamlit as st

from apps.studio.inputs import text as typed
from apps.studio.outputs.text import show_written
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox.tasks.writer import Drawing, Writer

TITLE = "Writing"
LENGTH, HOTTEST = 500, 1.5
"""Characters that are written, and the greatest temperature that the slider has."""


def fits(view: RunView) -> bool:
    """Whether it writes."""
    return isinstance(view.predictor, Writer)


def show(page: str, view: RunView) -> None:
    """Draw the prompt and how to draw on the left, what is written on the right."""
    writer: Writer = view.predictor
    left, right = panes([2, 3], key=f"{page}-writing")
    with left:
        given = typed.choose(page, view)
        one, two = st.columns(2)
        temperature = one.slider(
            "Temperature",
            0.0,
            HOTTEST,
            min(HOTTEST, writer.drawing.temperature),
            0.05,
            key=f"{page}:temperature",
            help="0 always takes the most probable character, 1 draws as the network predicts, more is wild.",
        )
        top = two.slider(
            "Among the best",
            1,
            len(writer.vocabulary),
            len(writer.vocabulary),
            key=f"{page}:top:{len(writer.vocabulary)}",
            help="Only so many most probable characters are drawn from.",
        )
        seed = int(st.session_state.get(f"{page}:seed", 0))
        st.button(
            "Write something else",
            icon=":material/casino:",
            key=f"{page}:again",
            on_click=lambda: st.session_state.update({f"{page}:seed": seed + 1}),
            help="Other draws from the same probabilities.",
        )
    with right:
        prompt = str(given.value) if given is not None else "\n"
        how = Drawing(temperature=temperature, top_k=top, draw_seed=seed, length=LENGTH)
        written = writer.write(prompt, how)
        show_written(prompt if given is not None else "", written, key=f"{page}-written", height=330)
        st.download_button(
            "Save the text",
            prompt + written,
            f"{view.run.name}.txt",
            "text/plain",
            icon=":material/download:",
            type="tertiary",
            key=f"{page}:save",
            on_click="ignore",
        )

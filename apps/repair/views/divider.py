"""Your photo, damaged and repaired: drag the divider between the two."""

import numpy as np
import streamlit as st

from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.columns import panes
from apps.studio.page.kept import kept
from apps.studio.page.kinds import input_of, output_of
from apps.studio.page.run_view import RunView
from apps.studio.page.try_tab import show_samples

TITLE = "Repair a photo"


def fits(view: RunView) -> bool:
    """Whether it repairs photos."""
    return view.predictor.input.kind == "damaged_photo"


def show(page: str, view: RunView) -> None:
    """Draw the ways to give a photo and unseen ones on the left, the divider on the right."""
    left, right = panes([10, 17], key=f"{page}-divider")
    with left:
        given: ChosenInput | None = input_of(view).choose(page, view)
        st.caption(f"This network has learned to repair {view.predictor.input.damage.text()}.")
        show_samples(page, view)
    with right:
        if given is None:
            st.markdown("##### Your photo")
            st.caption(f"Give it one of your own, or pick one of the unseen {view.things}.")
            return
        value, output = np.asarray(given.value), output_of(view)
        answer = kept(
            ("repaired", *view.key, output.mark(value)), lambda: view.predictor.predict(value[None])[0]
        )
        output.show(page, view, given, answer)

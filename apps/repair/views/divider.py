"""Your photo, damaged and repaired: drag the divider between the two."""

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.columns import panes
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
        st.caption(f"This network has learned from photos with {view.predictor.input.damage.text()}.")
        show_samples(page, view)
    with right:
        if given is None:
            st.markdown("##### Your photo")
            st.caption(f"Give it one of your own, or pick one of the unseen {view.things}.")
            return
        output_of(view).show(page, view, given, _answer(page, view, given))


def _answer(page: str, view: RunView, given: ChosenInput) -> Any:
    """The network's answer, kept while the page is drawn again with the same photo at the same age."""
    value = np.asarray(given.value)
    key = (*view.key, output_of(view).mark(value))
    last, answer = st.session_state.get(f"{page}:repaired", (None, None))
    if last != key:
        answer = view.predictor.predict(value[None])[0]
        st.session_state[f"{page}:repaired"] = key, answer
    return answer

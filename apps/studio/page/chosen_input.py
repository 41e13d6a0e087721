"""The input that a person tries: what the tabs Try, Inside and Limits look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from apps.studio.page.run_view import RunView


@dataclass(frozen=True)
class ChosenInput:
    """An input.

    Attributes:
        value: as the network takes it.
        target: the right answer; None where nobody knows it.
        index: place among the view's `test` examples; None for an input of the person's own.
    """

    value: Any
    target: Any = None
    index: int | None = None


def sample(view: RunView, index: int) -> ChosenInput:
    """An unseen example."""
    index = min(index, len(view.test) - 1)
    targets = view.test.targets
    return ChosenInput(view.test.inputs[index], None if targets is None else targets[index], index)


def picked(page: str, view: RunView) -> int:
    """Which unseen example was picked last; the first one to begin with."""
    return min(int(st.session_state.get(f"{page}:picked", 0)), len(view.test) - 1)


def has_picked(page: str) -> bool:
    """Whether somebody has picked an example."""
    return f"{page}:picked" in st.session_state


def pick(page: str, index: int) -> None:
    """Take an unseen example as the input, in the place of what is there."""
    st.session_state[f"{page}:picked"] = index
    st.session_state[f"{page}:token"] = token(page) + 1
    st.session_state.pop(f"{page}:given", None)


def token(page: str) -> int:
    """Changes whenever another example was picked."""
    return int(st.session_state.get(f"{page}:token", -1))


def remember(page: str, view: RunView, given: ChosenInput | None) -> None:
    """Keep what is tried for the other tabs."""
    st.session_state[f"{page}:given"] = (view.data_key, given)


def current(page: str, view: RunView) -> ChosenInput:
    """What was tried last with such data, or the example that was picked."""
    key, given = st.session_state.get(f"{page}:given", (None, None))
    return given if given is not None and key == view.data_key else sample(view, picked(page, view))

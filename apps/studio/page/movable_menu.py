"""A menu that the page itself may move, and not only the person before it.

A value that Python sets for a widget holds until the browser's next message. One that was sent before the
browser heard of it still carries the old value, and Streamlit takes that. While something redraws many times
a second there nearly always is such a message. So a menu that was moved is another widget, of which the
browser knows nothing yet.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st


def menu(label: str, options: Mapping[str, str], *, key: str, **arguments: Any) -> str:
    """Draw the menu; returns the chosen key of `options`, which is also in the session and in the address.

    Args:
        label: over the menu.
        options: what can be chosen, and its words; the first is the default and is not in the address.
        key: of the session and of the address.
        arguments: others of `st.selectbox`.
    """
    default = next(iter(options))
    chosen = chosen_in(key, options)
    widget = f"{key}:{st.session_state.get(_moves(key), 0)}"
    st.session_state.setdefault(widget, chosen)
    value = st.selectbox(
        label, list(options), format_func=lambda each: options[each], key=widget, **arguments
    )
    st.session_state[key] = value
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != options[value]:
        st.query_params[key] = options[value]
    return value


def chosen_in(key: str, options: Mapping[str, str]) -> str:
    """What is chosen, before the menu is drawn, too: the session's value, the address's, or the first."""
    named, first = st.query_params.get(key), next(iter(options))
    from_address = next((each for each, words in options.items() if named in (each, words)), first)
    chosen = st.session_state.setdefault(key, from_address)
    return chosen if chosen in options else from_address


def move(key: str, value: str) -> None:
    """Choose something else; from any fragment, and whatever the browser says that was sent before."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value
        st.session_state[_moves(key)] = st.session_state.get(_moves(key), 0) + 1


def _moves(key: str) -> str:
    return f"{key}:moves"

"""What is to be done in an environment, beside its picture: the goal, the keys, the rules in full."""

from collections.abc import Sequence

import streamlit as st

from agents.environments import find_target
from apps.studio.plain_text import escape
from envs.engine.environment import Environment


def show(target: str, keys: bool) -> None:
    """Draw them.

    Args:
        target: the environment.
        keys: whether a person is about to play.
    """
    environment = find_target(target).environment
    if environment is None:
        return
    st.markdown(escape(environment.goal))
    if keys and environment.keys:
        said = (
            f"{' or '.join(f'`{escape(key)}`' for key in each)} {escape(name)}"
            for name, each in keys_of(environment)
        )
        st.caption("Keys: " + ", ".join(line.strip() for line in said))
    with st.expander("Rules", icon=":material/menu_book:"):
        for part in environment.rules.split("\n\n"):
            st.markdown(escape(" ".join(part.split())))


def keys_of(environment: Environment) -> Sequence[tuple[str, Sequence[str]]]:
    """What keys do, in words, with the keys that do it."""
    found: dict[str, list[str]] = {}
    for key in environment.keys:
        found.setdefault(environment.key_does(key), []).append(key)
    return list(found.items())

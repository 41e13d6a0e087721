"""Menus say what is shown: the controls of a page take the values that its run was trained with.

A run is found again after a reload or by a link, when the session that ordered it is gone; what the controls
then say by default would be about another training.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from sandbox.runs import Run

OUTWARD = ("--seed", "--threads", "--device")
"""Options that change neither what is learned from nor how long it usually takes."""


def follow(page: str, run: Run | None, values: Callable[[Run], Mapping[str, Any]]) -> None:
    """Set a page's widgets to what a run was trained with, once for each run; call it before they are drawn.

    What a person changes afterwards is left alone. A widget that Streamlit has forgotten, because another
    page was open, is set again.

    Args:
        page: name of the page.
        run: the run that it shows.
        values: what each widget shall say, by its key.
    """
    if run is None:
        return
    key = f"{page}:followed"
    other = st.session_state.get(key) != run.name
    st.session_state[key] = run.name
    for name, value in values(run).items():
        if other or name not in st.session_state:
            st.session_state[name] = value


def first(key: str, value: Any) -> str:
    """The key of a widget that says this until a run, or a person, says something else."""
    st.session_state.setdefault(key, value)
    return key


def options(run: Run) -> dict[str, list[str]]:
    """The options of the command that began a run, each with its words; an empty list for a bare one."""
    found: dict[str, list[str]] = {}
    words: list[str] = []
    for word in map(str, run.config.get("argv") or []):
        if word.startswith("--"):
            name, _, joined = word.partition("=")
            words = found.setdefault(name, [joined] if joined else [])
        else:
            words.append(word)
    return found


def ordered(run: Run, name: str) -> str | None:
    """An option such as `data`, or None; of a run that still waits only the command is known."""
    if run.config.get(name) is not None:
        return run.config[name]
    return next(iter(options(run).get(f"--{name}", [])), None)


def option(run: Run, name: str, default: Any, among: Any = None) -> Any:
    """The first word behind an option, as what the default is.

    Args:
        run: whose command is read.
        name: such as `--seed`.
        default: where the command does not say, or says what the widget does not offer; decides the type.
        among: what the widget offers; None for anything.
    """
    words = options(run).get(name)
    if not words:
        return default
    try:
        value = type(default)(words[0])
    except ValueError:
        return default
    return value if among is None or value in among else default


def same_training(one: Run, other: Run) -> bool:
    """Whether two runs train the same, but for the seed: then one takes about as long as the other."""

    def what(run: Run) -> tuple[Any, ...]:
        kept = {name: words for name, words in options(run).items() if name not in OUTWARD}
        return run.config["target"], run.config.get("data"), run.config.get("agent"), sorted(kept.items())

    return what(one) == what(other)

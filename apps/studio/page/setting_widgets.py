"""A widget for each setting, and the words of the command that say what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, get_type_hints

import streamlit as st


def setting_widget(key: str, preset: Any, name: str) -> None:
    """Draw the widget of one setting; its value stays in the session under `key:name`.

    Args:
        key: begins the widget's key.
        preset: the settings that the widget begins with.
        name: of the setting.
    """
    field = next(field for field in fields(preset) if field.name == name)
    value = getattr(preset, name)
    label = name.replace("_", " ").capitalize()
    widget: dict[str, Any] = {"key": f"{key}:{name}", "help": field.metadata.get("help")}
    if isinstance(value, bool):
        st.toggle(label, value, **widget)
    elif isinstance(value, int):
        st.number_input(label, value=value, step=1, **widget)
    elif isinstance(value, float):
        st.number_input(label, value=value, format="%g", **widget)
    elif isinstance(value, str):
        st.text_input(label, value, **widget)
    elif isinstance(value, tuple):
        st.text_input(label, ", ".join(map(str, value)), **widget)


def setting_words(key: str, preset: Any) -> list[str]:
    """The words of settings whose widgets differ from a preset: `--learning-rate 0.01`."""
    hints, found = get_type_hints(type(preset)), []
    for field in fields(preset):
        now, before = st.session_state.get(f"{key}:{field.name}"), getattr(preset, field.name)
        if (
            now is None
            or now == before
            or now == ", ".join(map(str, before if isinstance(before, tuple) else ()))
        ):
            continue
        option = f"--{field.name.replace('_', '-')}"
        if isinstance(before, bool):
            found.append(option if now else f"--no-{option[2:]}")
        else:
            found += [option, *_values(now, hints.get(field.name))]
    return found


def _values(value: Any, hint: Any) -> Sequence[str]:
    return [part.strip() for part in str(value).split(",")] if "tuple" in str(hint) else [str(value)]

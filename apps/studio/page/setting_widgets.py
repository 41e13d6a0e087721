"""A widget for each setting, made from what the setting says of itself; and the settings that widgets say."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from sandbox.errors import UserError
from sandbox.settings import Spec, as_option, as_words, check, specs

MOST = 2**53 - 1
"""The largest whole number that browsers know."""
NUMBER = 140
"""Least width of a field with a number, in pixels: beside its two buttons the number is to be read."""
ABBREVIATIONS = frozenset(
    ("cnn", "dbn", "gan", "gru", "lstm", "mlp", "rbf", "rbfn", "rbm", "rnn", "som", "vae")
)
"""What menus write in capitals."""
NONE = "automatic"
"""What the widget of an optional setting says where there is no value."""


def setting_widget(key: str, preset: Any, name: str, width: int | Literal["stretch"] = "stretch") -> None:
    """Draw the widget of one setting; its value stays in the session under `key:name`.

    Args:
        key: begins the widget's key.
        preset: the settings that the widget begins with.
        name: of the setting.
        width: in pixels, in a row of others.
    """
    spec = specs(type(preset)).get(name)
    if spec is None or spec.kind is dict:
        return
    label = name.replace("_", " ").capitalize() + (f", {spec.unit}" if spec.unit else "")
    widget: dict[str, Any] = {"key": f"{key}:{name}", "help": help_of(spec), "width": width}
    # What the session holds comes first, and Streamlit wants no second default beside it.
    value = as_widget(spec, st.session_state.get(widget["key"], getattr(preset, name)))
    st.session_state[widget["key"]] = value
    if spec.many is not None or spec.optional:
        st.text_input(label, **widget)
    elif spec.range.choices:
        st.selectbox(label, list(spec.range.choices), format_func=title_of, **widget)
    elif spec.kind is bool:
        # Its label stands beside it, so that it is as wide as its words.
        widget["width"] = "stretch" if width == "stretch" else "content"
        st.toggle(label, **widget)
    elif spec.kind in (int, float):
        how: dict[str, Any] = {"step": 1} if spec.kind is int else {"format": "%g"}
        room: dict[str, Any] = {"width": width if width == "stretch" else max(width, NUMBER)}
        st.number_input(label, **_ends(spec, spec.kind), **how, **(widget | room))
    else:
        st.text_input(label, **widget)


def title_of(choice: Any) -> str:
    """How a menu calls one of a setting's values: `RNN`, `Attention`, `Two words`; `bfloat16` as it is."""
    text = str(choice).replace("_", " ")
    if text in ABBREVIATIONS:
        return text.upper()
    return text[:1].upper() + text[1:] if text.replace(" ", "").isalpha() else text


def chosen(key: str, preset: Any) -> Any:
    """The settings that the widgets say now.

    Raises:
        UserError: a value does not fit; names the setting and what is allowed.
    """
    changed = {}
    for spec in specs(type(preset)).values():
        now = st.session_state.get(f"{key}:{spec.name}")
        if now is not None and now != as_widget(spec, getattr(preset, spec.name)):
            changed[spec.name] = parsed(spec, now)
    settings = replace(preset, **changed)
    check(settings, as_option)
    return settings


def words(key: str, preset: Any) -> list[str]:
    """The words of the command that say what differs from a preset: `--learning-rate 0.01`."""
    return as_words(chosen(key, preset), preset)


def as_widget(spec: Spec, value: Any) -> Any:
    """A setting's value as its widget shows it."""
    if spec.optional and value in (None, NONE):
        return NONE
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if spec.many is None and not spec.optional and spec.kind in (int, float, bool):
        return spec.kind(value)
    return value if spec.range.choices else str(value)


def parsed(spec: Spec, shown: Any) -> Any:
    """A setting's value from what its widget shows.

    Raises:
        UserError: it is no such value.
    """
    if not isinstance(shown, str) or (spec.kind is str and spec.many is None):
        return shown
    if spec.optional and shown.strip() in ("", NONE):
        return None
    parts: Sequence[str] = [part.strip() for part in shown.split(",") if part.strip()]
    try:
        if spec.many is not None:
            return spec.many(spec.kind(part) for part in parts)
        return spec.kind(shown.strip())
    except ValueError:
        raise UserError(f"{as_option(spec.name)} must be {spec.allowed()}, not {shown[:60]!r}.") from None


def said(preset: Any, options: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The settings that the words of a command say, as far as they can be read.

    Args:
        preset: the settings that the command changes.
        options: its options, each with its words.
    """
    found = {}
    for name, spec in specs(type(preset)).items():
        option = as_option(name)
        if spec.kind is bool:
            switches = {option: True, option.replace("--", "--no-", 1): False}
            for word in switches.keys() & options.keys():
                found[name] = switches[word]
        elif option in options and spec.kind is not dict:
            with contextlib.suppress(UserError):
                value = parsed(spec, ", ".join(options[option]))
                if spec.problem(value) is None:
                    found[name] = value
    return found


def help_of(spec: Spec) -> str | None:
    """What the setting does and what is allowed, for whoever points at its widget."""
    about = f"{spec.help[:1].upper()}{spec.help[1:]}" if spec.help else ""
    bounds = spec.range.words(10**9)
    return f"{about.rstrip('.')}. {bounds[:1].upper()}{bounds[1:]}." if about and bounds else about or None


def _ends(spec: Spec, kind: type) -> dict[str, Any]:
    low = spec.range.low if spec.range.low is not None else spec.range.above
    high = spec.range.high if spec.range.high is not None else spec.range.below
    bounds = {"min_value": low, "max_value": high}
    return {name: kind(max(-MOST, min(MOST, end))) for name, end in bounds.items() if end is not None}

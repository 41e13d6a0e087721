"""Try: change a sequence and see what each network answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st
from torch import Tensor

from apps.sequences import given
from apps.sequences.hues import hue
from apps.sequences.networks import TITLES
from apps.studio.browser.sequence_strip import Row, edited, strip
from apps.studio.charts.curves import readable
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.plain_text import sentence
from envs.engine import palette
from sandbox.errors import UserError

if TYPE_CHECKING:
    from apps.sequences.reading import Look

WORDS = {
    "adding": ("Two numbers are marked; at the end their sum is asked for.", "0.2 0.7* 0.1 …, a star marks"),
    "copying": ("Letters, a wait, then a question mark: say the letters again.", "letters A to H"),
    "echo": ("Say each bit again, some steps later.", "0 and 1"),
    "forecast": ("A piece of the series; what is the next number?", "numbers in the units of the file"),
}
"""What is asked, and how to type a sequence."""


def show(look: "Look") -> None:
    """Draw the tab."""
    words, example = WORDS[look.name]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{words}** Click to change it.", width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            with st.popover("Type it", icon=":material/keyboard:", type="tertiary"):
                st.text_input(
                    "Sequence",
                    key=_key(look, "typed"),
                    on_change=_typed,
                    args=(look,),
                    placeholder=example,
                    help=f"{look.settings.length} steps; {example}.",
                )
            st.button(
                "Another",
                icon=":material/shuffle:",
                type="tertiary",
                key="sequences:another",
                on_click=_next,
                args=(look,),
            )
    if mistake := st.session_state.pop("sequences:mistyped", None):
        st.error(sentence(mistake), icon=":material/error:")
    rows = base_rows(look)
    token, key = _token(look), _key(look, "strip")
    values = edited(rows, key=key, token=token)
    inputs = given.inputs_of(look, values)
    truth = given.truth_of(look, values, _index(look))
    outputs = {name: look.networks.say(name, inputs) for name in look.blocks}
    if look.name == "adding":
        rows = [replace(rows[0], lit=[bool(mark) for mark in values["marked"]]), rows[1]]
    if look.networks.answers.kind == "number":
        strip(rows, key=key, token=token)
        _numbers(look, truth, outputs)
    else:
        strip([*rows, *_answers(look, truth, outputs)], key=key, token=token)
        _verdict(look, truth, outputs)


def base_rows(look: "Look") -> list[Row]:
    """The sequence as it was drawn or typed, before it was changed by clicks."""
    rows = given.rows_of(look, _index(look))
    typed = st.session_state.get(_key(look, "rows"))
    if typed is None:
        return rows
    return [replace(row, values=typed[row.name], lit=()) for row in rows]


def current_inputs(look: "Look") -> Tensor:
    """The sequence that was last tried, (1, T, D), for the other tabs."""
    values = edited(base_rows(look), key=_key(look, "strip"), token=_token(look))
    return given.inputs_of(look, values)


def _numbers(look: "Look", truth: Sequence[float] | None, outputs: Mapping[str, Tensor]) -> None:
    mean, std = 0.0, 1.0
    if look.name == "forecast":
        from apps.sequences import forecast

        series = forecast.series(look.run.config.get("data"), look.settings.column, look.settings.length)
        mean, std = series.mean, series.std
    scores = [
        Score(name=TITLES[name], mean=mean + std * float(said[0, -1, 0]), color=hue(name))
        for name, said in outputs.items()
    ]
    asked = "the sum" if look.name == "adding" else "the next value"
    if truth is not None:
        right = mean + std * truth[-1]
        scores.append(Score(name="truth", mean=right, color=palette.TRUTH))
    told = "; ".join(f"{score.name} {score.mean:z.2f}" for score in scores)
    show_scores(
        scores,
        x_title=asked,
        alt=f"{asked}: {told}",
        form=".2f",
        best_of=None if truth is None else mean + std * truth[-1],
        zero=look.name == "adding",
        key="sequences:said",
    )
    if truth is None:
        st.caption("Nobody knows what would follow a series that was changed.")


def _answers(look: "Look", truth: Sequence[float] | None, outputs: Mapping[str, Tensor]) -> list[Row]:
    """The truth and every network's answers, under the steps at which they are asked for."""
    kind: Any = "symbol" if look.networks.answers.kind == "symbol" else "bit"
    offset = look.settings.length - look.networks.by_name[look.blocks[0]].answers
    choices = given.SYMBOLS if kind == "symbol" else ()
    truth = truth or []
    rows = [Row(name="truth", kind=kind, values=truth, offset=offset, choices=choices)]
    for name, output in outputs.items():
        said = look.networks.answers.said(output)[0].tolist()
        wrong = [a != b for a, b in zip(said, truth, strict=True)]
        rows.append(
            Row(name=TITLES[name], kind=kind, values=said, offset=offset, choices=choices, wrong=wrong)
        )
    return rows


def _verdict(look: "Look", truth: Sequence[float] | None, outputs: Mapping[str, Tensor]) -> None:
    parts = []
    for name, output in outputs.items():
        said = look.networks.answers.said(output)[0].tolist()
        wrong = sum(a != b for a, b in zip(said, truth or said, strict=True))
        told = "all right" if not wrong else f"{wrong} of {len(said)} wrong"
        color = readable(hue(name))
        parts.append((TITLES[name], told, color))
    st.markdown(" · ".join(f"**{name}** {told}" for name, told, _ in parts))


def _key(look: "Look", what: str) -> str:
    """Of this run's widgets: sequences of other runs have another length."""
    return f"sequences:{what}:{look.name}:{look.settings.length}"


def _index(look: "Look") -> int:
    return int(st.session_state.get(_key(look, "index"), 0))


def _token(look: "Look") -> int:
    return int(st.session_state.get(_key(look, "token"), 0))


def _next(look: "Look") -> None:
    st.session_state[_key(look, "index")] = _index(look) + 1
    st.session_state[_key(look, "token")] = _token(look) + 1
    st.session_state.pop(_key(look, "rows"), None)


def _typed(look: "Look") -> None:
    try:
        rows = given.typed(look, str(st.session_state[_key(look, "typed")]))
    except UserError as error:
        st.session_state["sequences:mistyped"] = str(error)
        return
    st.session_state[_key(look, "rows")] = rows
    st.session_state[_key(look, "token")] = _token(look) + 1

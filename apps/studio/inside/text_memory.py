"""What it holds while it reads: units of the state over a text, or where attention looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.studio.browser.heatmap import heat
from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.blocks.attention import MultiHeadAttention, Transformer
from sandbox.blocks.lstm import LSTM
from sandbox.percent import percent
from sandbox.tasks.families.language_network import NetworkWriter
from sandbox.tasks.predictor import evaluating

TITLE = "What it holds"
ORDER = 30
READ = 900
"""Characters that are read."""
LEARNED_FROM = 6_000
"""Unseen characters in which units are looked for that follow something."""


def fits(view: RunView) -> bool:
    """Whether a network writes."""
    return isinstance(view.predictor, NetworkWriter)


def show(page: str, view: RunView) -> None:
    """Draw the state of an LSTM over a text, or where attention looks from its end."""
    writer: NetworkWriter = view.predictor
    text = str(np.asarray(current(page, view).value).item())[:READ]
    if isinstance(writer.model.body, LSTM):
        _units(page, view, writer, text)
    else:
        _attention(page, writer, text)


def _units(page: str, view: RunView, writer: NetworkWriter, text: str) -> None:
    st.markdown(
        "**A unit of the state while it reads**: blue where it is positive, red where it is negative",
        help="The hidden state of the top layer behind each character. Karpathy, Johnson & Fei-Fei 2015.",
    )
    found = kept_units(view, writer)
    names = [f"{what}: unit {unit}, correlation {value:z.2f}" for what, (unit, value) in found.items()]
    width = writer.model.body.out_dim
    left, right = st.columns([3, 1])
    chosen = left.selectbox(
        "The unit that follows most closely",
        [*names, "another unit"],
        key=f"{page}:follows",
        help="Of all units, that one whose values go most with this property, on unseen text.",
    )
    if chosen in names:
        unit = list(found.values())[names.index(str(chosen))][0]
        right.number_input("Unit", 0, width - 1, unit, disabled=True, key=f"{page}:unit:{unit}")
    else:
        unit = int(right.number_input("Unit", 0, width - 1, 0, key=f"{page}:unit", help="Counted from 0."))
    states = states_of(writer, text)[:, unit]
    tokens = writer.encode(text)
    pieces = [
        Piece(writer.vocabulary.pieces[token], float(value), f"{value:+.2f}")
        for token, value in zip(tokens, states, strict=True)
    ]
    show_text(pieces, key=f"{page}-unit-text", color=palette.MODEL, negative=palette.DANGER)


def kept_units(view: RunView, writer: NetworkWriter) -> Mapping[str, tuple[int, float]]:
    """For each property of text, the unit that goes with it most closely, and their correlation."""
    text = "".join(map(str, view.test.inputs))[:LEARNED_FROM]
    states, tokens = states_of(writer, text), writer.encode(text)
    ends = np.cumsum([len(writer.vocabulary.pieces[token]) for token in tokens]) - 1
    spread = states - states.mean(0)
    norms = np.sqrt((spread**2).sum(0)) + 1e-9
    found = {}
    for what, values in properties(text).items():
        wanted = values[ends] - values[ends].mean()
        if not wanted.any():
            continue
        correlations = wanted @ spread / (norms * np.sqrt((wanted**2).sum()))
        unit = int(np.abs(correlations).argmax())
        found[what] = (unit, float(correlations[unit]))
    return dict(sorted(found.items(), key=lambda one: -abs(one[1][1])))


def properties(text: str) -> dict[str, NDArray[np.float64]]:
    """What a reader may keep in mind behind each character of a text."""
    count = len(text)
    column, inside_quotes, inside_brackets, word = (np.zeros(count) for _ in range(4))
    at = quoted = depth = letters = 0
    for place, character in enumerate(text):
        at = 0 if character == "\n" else at + 1
        quoted = 1 - quoted if character == '"' else quoted
        depth = max(0, depth + (character in "([") - (character in ")]"))
        letters = letters + 1 if character.isalpha() else 0
        column[place], inside_quotes[place], inside_brackets[place], word[place] = (
            at,
            quoted,
            min(depth, 1),
            letters,
        )
    indented = np.zeros(count)
    for line in re.finditer(r"(?m)^[ \t]{2,}\S[^\n]*", text):
        indented[line.start() : line.end()] = 1
    return {
        "place in the line": column,
        "inside quotes": inside_quotes,
        "inside brackets": inside_brackets,
        "place in the word": word,
        "indented line": indented,
        "capital letters": np.array([float(character.isupper()) for character in text]),
        "end of a word": np.array([float(character.isspace()) for character in text]),
    }


def states_of(writer: NetworkWriter, text: str) -> NDArray[np.float32]:
    """The top layer's hidden state behind each token, (T, H)."""
    with evaluating(writer.model):
        x, *_ = writer.model.read(torch.from_numpy(writer.encode(text))[None])
        return writer.model.features(x)[0][0].float().numpy()


def _attention(page: str, writer: NetworkWriter, text: str) -> None:
    body = writer.model.body
    assert isinstance(body, Transformer)
    tokens = torch.from_numpy(writer.encode(text))[: writer.model.window][None]
    names = [writer.vocabulary.pieces[token] for token in tokens[0].tolist()]
    if len(names) < 2:
        st.caption("Type a longer text under *Try*: its first character has nothing to look at.")
        return
    place = st.slider(
        "Which character looks",
        1,
        len(names),
        len(names),
        key=f"{page}:looks",
        help="It sees those before it.",
    )
    shares = attention_shares(writer, tokens)
    layer = st.segmented_control(
        "Layer", list(range(1, len(shares) + 1)), default=len(shares), required=True, key=f"{page}:layer"
    )
    mine = shares[int(layer or 1) - 1][:, place - 1]
    for head, row in enumerate(mine):
        st.markdown(f"Head {head + 1}")
        pieces = [
            Piece(name, float(np.sqrt(share)), percent(share, 1), faint=i >= place)
            for i, (name, share) in enumerate(zip(names, row, strict=True))
        ]
        show_text(pieces, key=f"{page}-head-{head}", color=palette.MODEL)
    with st.expander("All of them at once"):
        heat(
            np.sqrt(mine),
            key=f"{page}:heads",
            alt="Where each head looks",
            y_title="head",
            x_title="looked at",
            height=110,
            scale=1.0,
        )


def attention_shares(writer: NetworkWriter, tokens: torch.Tensor) -> list[NDArray[np.float32]]:
    """The shares of every layer, each (heads, T, T)."""
    body = writer.model.body
    assert isinstance(body, Transformer)
    found = []
    with evaluating(writer.model):
        x = body.stem(writer.model.read(tokens)[0]) + body.places[: tokens.shape[1]]
        for layer in body.layers:
            attention = layer.attention
            assert isinstance(attention, MultiHeadAttention)
            normed: Any = layer.norm1
            found.append(attention.shares(normed(x))[0].numpy())
            x = layer(x)
    return found

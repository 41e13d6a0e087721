"""The plane of codes with the decoder in it: what one drags is decoded in the browser."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser import component
from apps.studio.charts.curves import readable

_HERE = Path(__file__).parent / "browser"
_HTML = """
<div class="plane">
  <div>
    <div class="frame">
      <span class="y"></span><canvas class="stage" tabindex="0" role="application"></canvas>
      <span class="x"></span>
    </div>
    <p class="hint"></p>
  </div>
  <div>
    <canvas class="answer" role="img" aria-label="What the decoder makes of this place"></canvas>
    <p class="said"></p>
    <div class="row">
      <button class="wander" type="button" aria-pressed="false">Wander</button>
      <label class="tiles"><input type="checkbox" checked> pictures behind</label>
    </div>
    <div class="pair" hidden><canvas class="small"></canvas><canvas class="small"></canvas>
      <span class="which"></span></div>
  </div>
</div>
"""
_COMPONENT = component.make(
    "latent_plane",
    _HERE,
    html=_HTML,
    css=["plane.css"],
    js=["ink.js", "decoder.js", "plane.js"],
)
HUES = (
    *("#1360c9", "#c8541c", "#1b9a6a", "#d62442", "#8a5bd1"),
    *("#a0741a", "#d0509c", "#6c7683", "#7d9a12", "#1a9db8"),
)
"""Of classes, one after the other; each point also carries its class as a letter."""


@dataclass(frozen=True)
class Layer:
    """One linear layer: weights (to, of) and biases (to,)."""

    weight: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Decoder:
    """What turns codes into pictures."""

    layers: Sequence[Layer]
    squash: str
    """`clamp`, `sigmoid` or `tanh`, as in decoder.js."""
    shape: tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Coded:
    """Pictures with their codes."""

    codes: np.ndarray
    """(N, K)."""
    images: np.ndarray
    """(N, C, H, W) in [0, 1]."""
    labels: np.ndarray
    classes: Sequence[str]


@dataclass(frozen=True)
class Spot:
    """Where the handle is."""

    code: list[float]
    index: int | None
    """The picture whose code it is; None where it is nobody's."""


def plane(
    decoder: Decoder,
    coded: Coded,
    *,
    key: str,
    token: str,
    kind: str,
    axes: tuple[int, int],
    ranges: Sequence[tuple[float, float]],
    base: Sequence[float],
    hint: str,
    alt: str,
) -> Spot:
    """Show the plane; returns where the handle was left.

    Args:
        decoder: evaluated in the browser at every move.
        coded: drawn as points; may be none.
        key: name of the plane in the session.
        token: names the weights and points; nothing is drawn anew while it stays.
        kind: while it stays, the handle does.
        axes: which two numbers of the code are the plane's axes; twice the same for a code of one number.
        ranges: of both axes.
        base: the whole code where nothing else is said, (K,).
        hint: a line below.
        alt: what a screen reader says.
    """
    count = len(coded.codes)
    _COMPONENT(
        key=key,
        data={
            "token": f"{token}:{axes}:{np.round(base, 3).tolist()}",
            "kind": kind,
            "layers": [
                {
                    "rows": layer.weight.shape[0],
                    "columns": layer.weight.shape[1],
                    "weight": _floats(layer.weight),
                    "bias": _floats(layer.bias),
                }
                for layer in decoder.layers
            ],
            "squash": decoder.squash,
            "shape": list(decoder.shape),
            "axes": list(axes),
            "range": [[float(low), float(high)] for low, high in ranges],
            "base": [float(v) for v in base],
            "spot": [float(base[axes[0]]), float(base[axes[1]])],
            "names": [f"code {axes[0] + 1}", f"code {axes[1] + 1}"],
            "points": _floats(_places(coded.codes, axes, ranges)) if count else "",
            "codes": _floats(coded.codes),
            "labels": _bytes(coded.labels),
            "thumbs": _bytes(255 * coded.images.clip(0, 1)),
            "classes": list(coded.classes),
            "hues": [readable(hue) for hue in HUES],
            "hint": hint,
            "alt": alt,
        },
        on_spot_change=lambda: None,
    )
    state = st.session_state.get(key)
    found: Any = state.get("spot") if state else None
    if not found or found.get("token") != kind or len(found.get("code") or ()) != len(base):
        return Spot([float(v) for v in base], None)
    index = found.get("index")
    return Spot(
        [float(v) for v in found["code"]], index if isinstance(index, int) and 0 <= index < count else None
    )


def _places(codes: np.ndarray, axes: tuple[int, int], ranges: Sequence[tuple[float, float]]) -> np.ndarray:
    """Where points are drawn; with a single axis they are spread over the height, to be told apart."""
    places = codes[:, list(axes)].astype(np.float32)
    if axes[0] == axes[1]:
        low, high = ranges[1]
        places[:, 1] = low + (high - low) * np.random.default_rng(0).uniform(0.05, 0.95, len(codes))
    return places


def _floats(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()


def _bytes(values: np.ndarray) -> str:
    return base64.b64encode(np.round(values).astype(np.uint8).tobytes()).decode()

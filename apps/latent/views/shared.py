"""What the views share: scores with intervals, other runs, and the plane with a decoder in it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
import torch

from apps.latent import reading
from apps.latent.decoded import Coded, Decoder, Layer, Spot, plane
from apps.latent.reading import Look
from apps.studio.charts.intervals import Score
from apps.studio.page import run_selection
from envs.engine import palette
from sandbox.data.fingerprint import source_of

OTHERS = 4
"""Earlier runs that are shown beside this one."""


def score(
    name: str, figures: Mapping[str, float], figure: str, color: str = palette.BASELINE, factor: float = 1.0
) -> Score:
    """A figure with its interval."""
    return Score(
        name=name,
        mean=factor * figures[figure],
        low=factor * figures[f"{figure}_low"],
        high=factor * figures[f"{figure}_high"],
        color=color,
    )


def others(look: Look, targets: Sequence[str], figure: str, factor: float = 1.0) -> list[Score]:
    """Other finished runs that were measured on the same held-out part."""
    light = palette.blend(palette.MODEL, "white", 0.4)
    found: list[Score] = []
    for run in run_selection.runs_of(targets):
        if run == look.run or len(found) == OTHERS or source_of("", run.config).key != look.source.key:
            continue
        settings = reading.settings_of(run)
        same = all(
            getattr(settings, name, 0) == getattr(look.settings, name, 0) for name in ("size", "split_seed")
        )
        rows = [row for row in run.metrics() if f"{figure}_low" in row] if same else []
        if rows:
            found.append(score(f"{run.name}, {_size(settings)}", rows[-1], figure, light, factor))
    return found


def _size(settings: Any) -> str:
    if hasattr(settings, "code"):
        return f"code {settings.code}"
    if hasattr(settings, "rows"):
        return f"{settings.rows} × {settings.columns}"
    return settings.objective if settings.penalty else "no penalty"


def decoder_of(look: Look) -> Decoder:
    """The decoder's layers, for the browser."""
    layers = [
        Layer(layer.weight.detach().numpy(), layer.bias.detach().numpy())
        for layer in look.predictor.decoder
        if isinstance(layer, torch.nn.Linear)
    ]
    return Decoder(layers=layers, squash=look.predictor.squash, shape=look.predictor.shape)


def axes_of(look: Look, count: int) -> tuple[int, int]:
    """Which two numbers are the plane's axes; asked for where there are more than two."""
    if count == 1:
        return 0, 0
    if count == 2:
        return 0, 1
    names = list(range(count))
    with st.container(horizontal=True, gap="small"):
        across = st.selectbox(
            "Across",
            names,
            0,
            key=f"latent:across:{look.target}:{count}",
            format_func=lambda i: f"code {i + 1}",
            width=120,
            help="The number of the code that changes from left to right.",
        )
        up = st.selectbox(
            "Up",
            names,
            1,
            key=f"latent:up:{look.target}:{count}",
            format_func=lambda i: f"code {i + 1}",
            width=120,
            help="The number of the code that changes from bottom to top.",
        )
    return int(across), int(up)


def decoded_plane(look: Look, coded: Coded, base: Sequence[float], hint: str, alt: str) -> Spot:
    """The plane with this run's decoder in it; remembers where the handle was left."""
    axes = axes_of(look, len(base))
    ranges = reading.ranges_of(look)
    run, step, updated = look.key
    kind = f"{look.run.name}:{axes}:{len(coded.labels)}"
    spot = plane(
        decoder_of(look),
        coded,
        key="latent:plane",
        token=f"{run}:{step}:{updated}",
        kind=kind,
        axes=axes,
        ranges=[ranges[axes[0]], ranges[axes[1]]],
        base=base,
        hint=hint,
        alt=alt,
    )
    st.session_state["latent:spot"] = (look.run.name, spot)
    return spot


def spot_of(look: Look, base: Sequence[float]) -> Spot:
    """Where the handle was left on the plane, else the middle."""
    name, spot = st.session_state.get("latent:spot", (None, None))
    if name == look.run.name and spot is not None and len(spot.code) == len(base):
        return spot
    return Spot([float(v) for v in base], None)


def none_coded(look: Look, count: int) -> Coded:
    """No pictures: noise is nobody's code."""
    return Coded(
        codes=np.zeros((0, count)),
        images=np.zeros((0, *look.predictor.shape)),
        labels=np.zeros(0, int),
        classes=(),
    )

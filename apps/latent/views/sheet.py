"""The sheet of a map: how it unfolds among the data, and what each unit stands for."""

from pathlib import Path
from typing import Any

import streamlit as st
import torch
from torch import Tensor

from apps.studio.browser import component
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.browser.packed import floats, shares
from apps.studio.browser.transport import BAR, SCRIPTS
from apps.studio.inputs.image import shown
from apps.studio.inside.latent_plane import HUES
from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.blocks.som import SOM

TITLE = "The sheet"
AGES, CLOUD, WON = 30, 700, 16
"""Checkpoints in the film; examples in the cloud; examples of a unit that are shown."""
_COMPONENT = component.make(
    "latent_sheet",
    Path(__file__).parent,
    html='<div class="film"><div class="views"><canvas class="map" tabindex="0" role="application"></canvas>'
    '<canvas class="space" tabindex="0" role="application"'
    f' aria-label="The sheet among the data; arrows turn it"></canvas></div><p class="said"></p>{BAR}</div>',
    css=["transport.css"],
    js=[*SCRIPTS, "sheet.js"],
)


def fits(view: RunView) -> bool:
    """Whether it is a map."""
    return isinstance(getattr(view.predictor, "model", None), SOM)


def show(page: str, view: RunView) -> None:
    """Draw the film of the unfolding, and what the clicked unit wins."""
    unit = draw(page, view)
    if unit is None:
        st.caption("Click a unit to see what it wins.")
        return
    won = (view.predictor.winners(view.test.inputs) == unit).nonzero().flatten()[:WON]
    row, column = divmod(unit, view.predictor.model.shape[1])
    st.markdown(
        f"**Row {row + 1}, column {column + 1}** wins {len(won) or 'none'} of the unseen {view.things}:"
    )
    if len(won):
        labels = view.split.labels(len(view.split.test))
        names = ["" if labels is None else view.split.class_names[int(labels[i])] for i in won]
        gallery(
            [Picture(shown(view, view.test.inputs[i]), name) for i, name in zip(won, names, strict=True)],
            key=f"{page}:won",
            size=54,
        )


def picture(page: str, view: RunView) -> None:
    """Draw the same film."""
    draw(f"{page}:learn", view)


def draw(page: str, view: RunView) -> int | None:
    """Draw the sheet at its kept ages; returns the unit that was clicked."""
    som, known, cloud = view.predictor.model, view.split.train.inputs, view.test.inputs[:CLOUD]
    rows, columns = som.shape
    axes, middle, spread = view_of(known.flatten(1))
    notes, hues = kept(("units", *view.key), lambda: notes_of(view))
    frames = [
        {"told": f"step {each.step:,}", "codebook": shares(each.predictor.centres.numpy())}
        for each in view.ages(AGES, view.step)
    ]
    film, key = view.run.name, f"{page}:sheet"
    _COMPONENT(
        key=key,
        data={
            "token": f"{view.key}:{len(frames)}",
            "film": film,
            "begin": not view.run.is_alive(),
            "frames": frames,
            "shape": list(view.predictor.shape),
            "rows": rows,
            "columns": columns,
            "axes": axes.T.tolist(),
            "middle": (middle @ axes).tolist(),
            "spread": spread,
            "cloud": floats((((cloud.flatten(1) - middle) @ axes) / spread).numpy()),
            "cloudHues": _cloud_hues(view, cloud),
            "unitHues": hues,
            "notes": notes,
            "hint": "Left the map; right the sheet among the data, which a drag turns. Point at a unit.",
            "alt": f"A map of {rows} by {columns} units over {view.things}",
        },
        on_unit_change=lambda: None,
    )
    found: Any = (st.session_state.get(key) or {}).get("unit")
    unit = found.get("unit") if found and found.get("film") == film else None
    return unit if isinstance(unit, int) and 0 <= unit < rows * columns else None


def view_of(known: Tensor) -> tuple[Tensor, Tensor, float]:
    """Three directions to look along (D, 3), the middle (D,), and how far the data reach."""
    middle = known.mean(0)
    if known.shape[1] == 3:
        axes = torch.eye(3)
    else:
        _, vectors = torch.linalg.eigh((known - middle).double().T.cov())
        axes = vectors[:, -3:].flip(1).float()
    reach = ((known - middle) @ axes).norm(dim=1).quantile(0.99)
    return axes, middle, float(reach)


def _cloud_hues(view: RunView, cloud: Tensor) -> list[str]:
    labels = view.split.labels(len(view.split.test))
    if labels is None:
        colours = (255 * cloud.flatten(1)).round().int().tolist()
        return ["#{:02x}{:02x}{:02x}".format(*one) for one in colours]
    return [HUES[int(label) % len(HUES)] for label in labels[: len(cloud)]]


def notes_of(view: RunView) -> tuple[list[str], list[str]]:
    """What is said of each unit, and its hue: of the class that it wins most."""
    won, columns = view.predictor.winners(view.split.train.inputs), view.predictor.model.shape[1]
    images = view.split.images
    notes, hues = [], []
    for unit in range(len(view.predictor.centres)):
        mine = won == unit
        row, column = divmod(unit, columns)
        told = f"row {row + 1}, column {column + 1}: wins {int(mine.sum())} of {len(won):,} examples"
        hue = palette.NEUTRALS["grey"]
        if images is not None and bool(mine.any()):
            counts = torch.bincount(images.train_labels[mine], minlength=len(images.classes))
            most = int(counts.argmax())
            told += f", {int(counts[most])} of them {images.classes[most]}"
            hue = HUES[most % len(HUES)]
        notes.append(told)
        hues.append(hue)
    return notes, hues

"""The plane of codes with the decoder in it: what one drags is decoded in the browser.

For every predictor with `decoder` (linear layers with ReLU between), `squash`, `shape`, `code_dim` and
`decode`; with `encode`, unseen pictures lie in the plane, too.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.browser.latent_plane import latent_plane
from apps.studio.browser.packed import floats, whole
from apps.studio.charts.curves import readable
from apps.studio.outputs.image import mosaic, picture_of
from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView

TITLE = "Latent plane"
ORDER = 20
MOST_POINTS, MOST_LARGE, LARGE = 400, 150, 400
"""Unseen pictures in the plane; of those with more than `LARGE` pixels."""
NOISE = (-2.5, 2.5)
"""Range of a number of noise."""
HUES = (
    *("#1360c9", "#c8541c", "#1b9a6a", "#d62442", "#8a5bd1"),
    *("#a0741a", "#d0509c", "#6c7683", "#7d9a12", "#1a9db8"),
)
"""Of classes, one after the other; each point also carries its class as a letter."""


@dataclass(frozen=True)
class Spot:
    """Where the handle is.

    Attributes:
        code: of this place.
        index: the picture whose code it is; None where it is nobody's.
    """

    code: list[float]
    index: int | None = None


def fits(view: RunView) -> bool:
    """Whether the network has a decoder that the browser can run."""
    return hasattr(view.predictor, "decoder") and hasattr(view.predictor, "squash")


def show(page: str, view: RunView) -> None:
    """Draw the plane, and remember where its handle was left."""
    predictor, base, ranges = view.predictor, base_of(view), ranges_of(view)
    across, up = _axes(page, view)
    codes, images, labels = _points(view)
    kind = f"{view.run.name}:{(across, up)}:{len(labels)}"
    word = word_of(view)
    found = latent_plane(
        {
            # Nothing is drawn anew while the token stays; the handle stays while the kind does.
            "token": f"{view.key}:{across}:{up}",
            "kind": kind,
            "layers": layers(predictor.decoder),
            "squash": predictor.squash,
            "shape": list(predictor.shape),
            "axes": [across, up],
            "range": [list(ranges[across]), list(ranges[up])],
            "base": base,
            "spot": [base[across], base[up]],
            "names": [f"{word} {across + 1}", f"{word} {up + 1}"],
            "points": floats(_places(codes, (across, up), ranges[up])),
            "codes": floats(codes),
            "labels": whole(labels),
            "thumbs": whole(np.round(255 * images.clip(0, 1))),
            "classes": list(getattr(view.split, "class_names", ())),
            "hues": [readable(hue) for hue in HUES],
            "hint": _hint(view, len(labels)),
            "alt": f"{len(labels)} unseen {view.things} by their codes; dragging shows the decoder's answer",
        },
        key=f"{page}:plane",
    )
    spot = Spot(base)
    if found.get("token") == kind and len(found.get("code") or ()) == len(base):
        index = found.get("index")
        known = isinstance(index, int) and 0 <= index < len(labels)
        spot = Spot([float(value) for value in found["code"]], index if known else None)
    st.session_state[f"{page}:spot"] = (view.run.name, spot)


def picture(page: str, view: RunView) -> None:
    """Draw what the decoder makes of a grid of places, around the middle."""
    count, ranges, base = 7, ranges_of(view), base_of(view)
    up = min(1, len(base) - 1)
    codes = torch.tensor(base).repeat(count * count, 1)
    x, y = (torch.linspace(*ranges[axis], count) for axis in (0, up))
    grid = torch.cartesian_prod(y.flip(0), x)
    codes[:, up], codes[:, 0] = grid[:, 0], grid[:, 1]
    whole = picture_of(view, mosaic(view.predictor.decode(codes), count))
    gallery([Picture(whole, "", alt="What the decoder makes of places")], key=f"{page}:learn:plane", size=330)


def layers(decoder: Any) -> list[dict[str, Any]]:
    """The linear layers of a decoder, for the browser."""
    return [
        {
            "rows": layer.out_features,
            "columns": layer.in_features,
            "weight": floats(layer.weight.detach().numpy()),
            "bias": floats(layer.bias.detach().numpy()),
        }
        for layer in decoder
        if isinstance(layer, torch.nn.Linear)
    ]


def encodes(view: RunView) -> bool:
    """Whether pictures have codes; else codes are noise."""
    return hasattr(view.predictor, "encode")


def word_of(view: RunView) -> str:
    """What a number of the code is called."""
    return "code" if encodes(view) else "noise"


def codes_of(view: RunView) -> NDArray[np.float32]:
    """Codes of the unseen pictures, (N, K)."""
    return kept(("codes", *view.key), lambda: view.predictor.encode(view.test.inputs).numpy())


def base_of(view: RunView) -> list[float]:
    """The code in the middle of all; of noise one that is the same at every age."""
    if encodes(view):
        return codes_of(view).mean(0).tolist()
    return view.predictor.input.draw(1, seed=3)[0].tolist()


def ranges_of(view: RunView) -> list[tuple[float, float]]:
    """Where a number of the code mostly lies, a little wider, for each number."""
    if not encodes(view):
        return [NOISE] * view.predictor.code_dim
    low, high = np.quantile(codes_of(view), [0.005, 0.995], axis=0)
    pad = 0.06 * (high - low) + 1e-3
    return [(float(a), float(b)) for a, b in zip(low - pad, high + pad, strict=True)]


def spot_of(page: str, view: RunView) -> Spot:
    """Where the handle was left on the plane, else the middle."""
    base = base_of(view)
    name, spot = st.session_state.get(f"{page}:spot", (None, None))
    return spot if name == view.run.name and len(spot.code) == len(base) else Spot(base)


def _hint(view: RunView, count: int) -> str:
    if not count:
        return (
            "Drag the ring: two numbers of the noise change, the others stay. Behind it lies what the "
            "generator makes of every place. Arrow keys move it, too."
        )
    return (
        "Drag the ring anywhere: the decoder answers at once. Each sign is an unseen picture at the place of "
        "its code; click one to see it, and what is rebuilt from its code. Arrow keys move the ring, too."
    )


def _points(view: RunView) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Codes, pictures and classes of some unseen pictures, the same ones at every age."""
    predictor = view.predictor
    if not encodes(view):
        return np.zeros((0, predictor.code_dim)), np.zeros((0, *predictor.shape)), np.zeros(0, int)
    most = MOST_LARGE if np.prod(predictor.shape) > LARGE else MOST_POINTS
    some = view.split.test.some(most)
    labels_of = getattr(view.split, "labels", None)
    labels = None if labels_of is None else labels_of(most)
    codes = kept(("plane", *view.key), lambda: predictor.encode(some.inputs).numpy())
    return codes, np.asarray(some.inputs), np.zeros(len(some), int) if labels is None else np.asarray(labels)


def _places(codes: NDArray[Any], axes: tuple[int, int], height: tuple[float, float]) -> NDArray[Any]:
    """Where points are drawn; with a single axis they are spread over the height, to be told apart."""
    places = codes[:, list(axes)].astype(np.float32)
    if axes[0] == axes[1]:
        low, high = height
        places[:, 1] = low + (high - low) * np.random.default_rng(0).uniform(0.05, 0.95, len(codes))
    return places


def _axes(page: str, view: RunView) -> tuple[int, int]:
    """Which two numbers are the plane's axes; asked for where there are more than two."""
    count, word = view.predictor.code_dim, word_of(view)
    if count < 3:
        return 0, count - 1
    chosen = []
    with st.container(horizontal=True, gap="small"):
        for number, (label, way) in enumerate((("Across", "left to right"), ("Up", "bottom to top"))):
            chosen.append(
                st.selectbox(
                    label,
                    range(count),
                    number,
                    key=f"{page}:axis:{label}:{view.run.config['target']}:{count}",
                    format_func=lambda i: f"{word} {i + 1}",
                    width=120,
                    help=f"The number of the code that changes from {way}.",
                )
            )
    return int(chosen[0]), int(chosen[1])

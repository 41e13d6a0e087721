"""Autoencoders: the plane of codes to drag a point in, and what each number of the code does."""

import numpy as np
import streamlit as st
import torch

from apps.latent import reading
from apps.latent.decoded import Coded
from apps.latent.reading import Look
from apps.latent.views import shared
from apps.studio.browser.gallery import Picture, gallery
from sandbox.blocks.vae import VAE
from sandbox.task import Baseline

MOST_POINTS, MOST_LARGE = 400, 150
"""Held-out pictures in the plane; of pictures with many pixels."""
LARGE = 400
ACROSS = 9
"""Values of a number that are tried out."""
UNUSED = 0.05
"""Nats; a number of the code that says less about a picture is not used."""


def answer(look: Look, other: Baseline | None) -> str:
    """What is reached, and what principal components reach."""
    figures = reading.figures_of(look)
    reached, count = 100 * figures["test_explained"], look.predictor.code_dim
    numbers = "1 number" if count == 1 else f"{count} numbers"
    told = f"From {numbers} it rebuilds **{reached:z.0f} %** of how held-out pictures differ"
    if other is None:
        return f"{told}."
    linear = 100 * other.metrics["test_explained"]
    if linear > reached:
        same = f"As many {other.name}, which learn nothing but lines, rebuild **{linear:z.0f} %** of how"
        return f"{same} held-out pictures differ; this network {reached:z.0f} %."
    return f"{told}; as many {other.name} {linear:z.0f} %."


def coded(look: Look) -> Coded:
    """Some held-out pictures with their codes, the same ones at every age."""
    images = reading.images_of(look)
    most = MOST_LARGE if images.test_images[0].numel() > LARGE else MOST_POINTS
    some = slice(None, None, -(-len(images.test_images) // most))
    return Coded(
        codes=reading.codes_of(look)[some],
        images=images.test_images[some].numpy(),
        labels=images.test_labels[some].numpy(),
        classes=images.classes,
    )


def attempt(look: Look) -> None:
    """Drag a point; click a digit to see it and its reconstruction."""
    points = coded(look)
    shared.decoded_plane(
        look,
        points,
        base_of(look),
        "Drag the ring anywhere: the decoder answers at once. Each figure is a held-out picture where the "
        "encoder puts it; click one to see it, and what is rebuilt from its code. Arrow keys move, too.",
        f"Codes of {len(points.labels)} held-out pictures; dragging shows what the decoder makes of a place",
    )


def base_of(look: Look) -> list[float]:
    """The code in the middle of all."""
    return reading.codes_of(look).mean(0).tolist()


def inside(look: Look) -> None:
    """What each number of the code does to the picture, and which pixels raise it."""
    spot = shared.spot_of(look, base_of(look))
    here = torch.tensor(spot.code)[None]
    ranges = reading.ranges_of(look)
    said = nats(look)
    left, right = st.columns([1, 4], gap="large")
    with left:
        st.markdown("**This code**", help="Where the ring on the plane in *Try* was left.")
        picture = reading.shown(look.predictor.decode(here)[0])
        gallery([Picture(picture, _told(spot.code))], key="latent:inside:here", size=110)
    with right:
        st.markdown(
            "**One number at a time**, from low to high, the others as in this code",
            help="A traversal: the decoder's answer along one axis of the code.",
        )
        for unit, (low, high) in enumerate(ranges):
            _traverse(look, here, unit, low, high, None if said is None else said[unit])
    st.markdown(
        "**What raises each number**: mean gradient of the code by the pixels, over held-out pictures",
        help="Blue: more ink there raises the number. Red: lowers it.",
    )
    pulls = raised_by(look)
    scale = float(np.abs(pulls).max()) or 1.0
    gallery(
        [Picture(pull.mean(0) / scale, f"code {i + 1}") for i, pull in enumerate(pulls)],
        key="latent:inside:pulls",
        size=64,
        signed=True,
    )


def _told(code: list[float]) -> str:
    text = ", ".join(f"{v:z.1f}" for v in code[:4])
    return text if len(code) <= 4 else f"{text}, …"


def _traverse(look: Look, here: torch.Tensor, unit: int, low: float, high: float, nats: float | None) -> None:
    codes = here.repeat(ACROSS, 1)
    values = torch.linspace(low, high, ACROSS)
    codes[:, unit] = values
    pictures = look.predictor.decode(codes)
    note = ""
    if nats is not None:
        used = "not used" if nats < UNUSED else f"{nats:z.1f} nats"
        note = f" · {used}"
    st.caption(f"code {unit + 1}{note}")
    gallery(
        [
            Picture(
                reading.shown(picture),
                f"{float(value):z.1f}",
                alt=f"Code {unit + 1} at {float(value):z.1f}",
            )
            for picture, value in zip(pictures, values, strict=True)
        ],
        key=f"latent:inside:unit:{unit}",
        size=46,
    )


def nats(look: Look) -> np.ndarray | None:
    """What each number of a VAE's code says about a picture: mean KL divergence from plain noise, (K,)."""
    block = look.predictor.block
    if not isinstance(block, VAE):
        return None
    with torch.no_grad():
        mean, log_variance = block.encode(reading.images_of(look).test_images.flatten(1))
    return (0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)).mean(0).numpy()


def raised_by(look: Look, count: int = 200) -> np.ndarray:
    """Mean gradient of each number of the code by the pixels, (K, C, H, W)."""
    x = reading.images_of(look).test_images[:count].flatten(1).requires_grad_()
    found = look.predictor.block.encode(x)
    code = found[0] if isinstance(found, tuple) else found
    pulls = [
        torch.autograd.grad(code[:, i].sum(), x, retain_graph=True)[0].mean(0) for i in range(code.shape[1])
    ]
    return torch.stack(pulls).unflatten(1, look.predictor.shape).numpy()

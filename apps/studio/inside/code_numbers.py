"""What each number of a code does to the picture, and which pixels raise it."""

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery, on_one_scale
from apps.studio.inside import latent_plane
from apps.studio.inside.latent_plane import encodes, ranges_of, spot_of, word_of
from apps.studio.outputs.image import picture_of
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView

TITLE = "One number at a time"
ORDER = 21
ACROSS = 9
"""Values of a number that are tried out."""
UNUSED = 0.05
"""Nats; a number of the code that says less about a picture is not used."""
GRADIENTS = 200
"""Unseen pictures whose gradients are averaged."""

fits = latent_plane.fits


def show(page: str, view: RunView) -> None:
    """Draw this code, a row of pictures for each of its numbers, and the pixels that raise it."""
    code = spot_of(page, view).code
    left, right = panes([1, 3], key=f"{page}-numbers", least=240)
    with left:
        st.markdown("**This code**", help="Where the ring on the plane was left.")
        here = view.predictor.decode(torch.tensor(code)[None])[0]
        said = ", ".join(f"{value:z.1f}" for value in code[:4]) + (", …" if len(code) > 4 else "")
        gallery([Picture(picture_of(view, here), said)], key=f"{page}:number:here", size=110)
    with right:
        st.markdown(
            "**One number at a time**, from low to high, the others as in this code",
            help="A traversal: what the decoder makes of places along one axis.",
        )
        picture(page, view)
    if encodes(view):
        _pulls(page, view)


def picture(page: str, view: RunView) -> None:
    """Draw a row of pictures for each number of the code."""
    here, told = torch.tensor(spot_of(page, view).code), nats(view)
    for unit, (low, high) in enumerate(ranges_of(view)):
        values = torch.linspace(low, high, ACROSS)
        codes = here.repeat(ACROSS, 1)
        codes[:, unit] = values
        note = "" if told is None else " · not used" if told[unit] < UNUSED else f" · {told[unit]:z.1f} nats"
        st.caption(f"{word_of(view)} {unit + 1}{note}")
        gallery(
            [
                Picture(
                    picture_of(view, one), f"{value:z.1f}", alt=f"{word_of(view)} {unit + 1} at {value:z.1f}"
                )
                for one, value in zip(view.predictor.decode(codes), values.tolist(), strict=True)
            ],
            key=f"{page}:number:{unit}",
            size=46,
        )


def nats(view: RunView) -> NDArray[np.floating] | None:
    """What each number of a VAE's code says about a picture: mean KL divergence from plain noise, (K,)."""
    if not encodes(view):
        return None
    with torch.no_grad():
        found = view.predictor.model.encode(view.test.inputs.flatten(1))
    if not isinstance(found, tuple):  # a code, and no distribution of codes
        return None
    mean, log_variance = found
    return (0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)).mean(0).numpy()


def raised_by(view: RunView) -> NDArray[np.floating]:
    """Mean gradient of each number of the code by the pixels, (K, C, H, W)."""
    x = view.test.inputs[:GRADIENTS].flatten(1).clone().requires_grad_()
    found = view.predictor.model.encode(x)
    code = found[0] if isinstance(found, tuple) else found
    pulls = [
        torch.autograd.grad(code[:, i].sum(), x, retain_graph=True)[0].mean(0) for i in range(code.shape[1])
    ]
    return torch.stack(pulls).unflatten(1, view.predictor.shape).numpy()


def _pulls(page: str, view: RunView) -> None:
    st.markdown(
        "**What raises each number**: mean gradient of the code by the pixels, over unseen pictures",
        help="Blue: more ink there raises the number. Red: lowers it.",
    )
    pulls = raised_by(view)
    names = [f"code {i + 1}" for i in range(len(pulls))]
    gallery(on_one_scale(pulls.mean(1), names, alt="code {}"), key=f"{page}:pulls", size=64, signed=True)

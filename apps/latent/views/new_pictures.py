"""Pictures of codes that no picture has: is the space between the codes good for anything?"""

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inside import latent_plane
from apps.studio.outputs.image import picture_of
from apps.studio.page.run_view import RunView
from sandbox.blocks.vae import VAE

TITLE = "New pictures"
SHOWN = 12


def fits(view: RunView) -> bool:
    """Whether it has codes and a decoder."""
    return latent_plane.fits(view) and latent_plane.encodes(view)


def show(page: str, view: RunView) -> None:
    """Draw pictures of new codes, and pictures whose pixels know nothing of each other."""
    made, how = drawn(view, SHOWN)
    rows = {f"The network, {how}": made, "Each pixel by itself, from a Gaussian": by_pixel(view, SHOWN)}
    for number, (title, pictures) in enumerate(rows.items()):
        st.markdown(f"**{title}**")
        gallery(
            [Picture(picture_of(view, one), alt=title) for one in pictures],
            key=f"{page}:new:{number}",
            size=54,
        )


def drawn(view: RunView, count: int) -> tuple[Tensor, str]:
    """Pictures of new codes: plain noise for a VAE, else a Gaussian fitted to the codes."""
    noise = torch.randn(count, view.predictor.code_dim, generator=torch.Generator().manual_seed(0))
    if isinstance(view.predictor.model, VAE):
        return view.predictor.decode(noise), "from plain noise as code"
    codes = torch.from_numpy(np.asarray(latent_plane.codes_of(view)))
    factor = torch.linalg.cholesky(torch.atleast_2d(codes.T.cov()) + 1e-6 * torch.eye(codes.shape[1]))
    return view.predictor.decode(codes.mean(0) + noise @ factor.T), "from a Gaussian over the codes"


def by_pixel(view: RunView, count: int) -> Tensor:
    """Pictures whose pixels know nothing of each other."""
    known = view.split.train.inputs
    noise = torch.randn(count, *known.shape[1:], generator=torch.Generator().manual_seed(0))
    return (known.mean(0) + known.std(0) * noise).clamp(0, 1)

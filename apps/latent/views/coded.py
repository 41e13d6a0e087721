"""Autoencoders held against principal components, and where they break: size of the code, noise, examples."""

from functools import partial

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.latent import coding, controls, measured, reading
from apps.latent import figures as rebuilding
from apps.latent.reading import Look
from apps.latent.views import shared
from apps.studio import background_work
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, Style, show_curves
from apps.studio.charts.intervals import show_scores
from envs.engine import palette
from sandbox.task import Baseline

SHOWN = 12
NOISES = 13
LEAST_EXPLAINED = -100.0
"""Lower end of the axis, in %; who answers worse than that stands on it with the true figure beside."""
SIZE, NOISE, FEW = "Size of the code", "Noise on the input", "Few examples"
WHY = {
    SIZE: "Straight lines through the data need more numbers than curves; with many both win.",
    NOISE: "What was never seen while training moves codes to where they do not belong. Train the "
    "autoencoder with noise (under *More*), and it learns to take it away.",
    FEW: "A network with few examples learns them by heart; principal components have less to learn wrong.",
}


def compare(look: Look, other: Baseline | None) -> None:
    """The same held-out pictures for everybody."""
    figures = reading.figures_of(look)
    name = f"this {controls.TARGETS[look.target]}, code {look.predictor.code_dim}"
    scores = [shared.score(name, figures, "test_explained", palette.MODEL, 100)]
    if other is not None:
        label = f"{look.predictor.code_dim} {other.name}"
        scores.append(shared.score(label, other.metrics, "test_explained", factor=100))
    scores += shared.others(look, ["latent/vae", "latent/autoencoder"], "test_explained", 100)
    show_scores(
        scores,
        x_title="explained, %, with its 95 % interval",
        alt="; ".join(f"{score.name} {score.mean:z.1f}" for score in scores),
        zero=False,
        key="latent:compare:scores",
    )
    images = reading.images_of(look)
    st.caption(
        f"{len(images.test_images):,} pictures that nobody learned from; 100 % would be every pixel right, 0 "
        f"% always the mean picture. Mean squared error of a pixel: {figures['test_error']:z.4f} "
        f"[{figures['test_error_low']:z.4f}, {figures['test_error_high']:z.4f}]"
        + (f"; {other.name} {other.metrics['test_error']:z.4f}." if other is not None else ".")
    )
    held = images.test_images[:: max(1, len(images.test_images) // SHOWN)][:SHOWN]
    linear = principal(look)(held.flatten(1)).unflatten(1, look.predictor.shape)
    _row("Held-out pictures", held, "latent:compare:held")
    _row("Rebuilt by the network", look.predictor.rebuild(held), "latent:compare:ours")
    _row("Rebuilt by principal components", linear, "latent:compare:linear")
    st.divider()
    drawn, how = made(look, SHOWN)
    _row(f"New pictures, {how}", drawn, "latent:compare:made")
    _row("New pictures, each pixel by itself from a Gaussian", by_pixel(look, SHOWN), "latent:compare:pixel")


def _row(title: str, images: Tensor, key: str) -> None:
    st.markdown(f"**{title}**")
    gallery([Picture(reading.shown(image), alt=title) for image in images], key=key, size=54)


@st.cache_resource(max_entries=8, show_spinner=False)
def _principal(key: tuple[str, int, float], _look: Look) -> coding.Components:
    return coding.principal(reading.known_of(_look).flatten(1), _look.predictor.code_dim)


def principal(look: Look) -> coding.Components:
    """As many principal components as the code has numbers."""
    return _principal(look.key, look)


def made(look: Look, count: int) -> tuple[Tensor, str]:
    """Pictures of codes that nobody had: plain noise for a VAE, else a Gaussian fitted to the codes."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(count, look.predictor.code_dim, generator=generator)
    if look.target == "latent/vae":
        return look.predictor.decode(noise), "from plain noise as code"
    codes = torch.from_numpy(reading.codes_of(look))
    factor = torch.linalg.cholesky(torch.atleast_2d(codes.T.cov()) + 1e-6 * torch.eye(codes.shape[1]))
    return look.predictor.decode(codes.mean(0) + noise @ factor.T), "from a Gaussian over the codes"


def by_pixel(look: Look, count: int) -> Tensor:
    """Pictures whose pixels know nothing of each other."""
    known = reading.known_of(look)
    noise = torch.randn(count, *known.shape[1:], generator=torch.Generator().manual_seed(0))
    return (known.mean(0) + known.std(0) * noise).clamp(0, 1)


def limits(look: Look, other: Baseline | None) -> None:
    """One slider at a time."""
    kinds = [NOISE, SIZE, FEW] if look.data is None else [NOISE]
    left, right = st.columns([1, 2], gap="large")
    with left:
        kind = st.selectbox("Break it by", kinds, key="latent:limits:kind", help="What is changed.")
        if kind == NOISE:
            amount = st.slider(
                kind,
                0.0,
                1.0,
                0.3,
                0.02,
                key="latent:limits:noise",
                help="Standard deviation of what is added to held-out pictures, 0 to 1.",
            )
        else:
            stops = measured.SIZES if kind == SIZE else measured.EXAMPLES
            amount = float(
                st.select_slider(
                    kind,
                    stops,
                    stops[1],
                    key=f"latent:limits:{kind}",
                    help="Numbers in the code" if kind == SIZE else "Pictures to learn from, of 1,198.",
                )
            )
        st.caption(WHY[kind])
    with left:
        if kind == NOISE:
            _before_and_after(look, amount)
    with right:
        if kind == NOISE:
            _noise(look, amount)
        else:
            _measured(kind, amount)


def _before_and_after(look: Look, amount: float) -> None:
    whole = reading.images_of(look).test_images[:1]
    noisy = damaged(whole, amount)
    cases = (("whole", whole), ("noisy", noisy), ("rebuilt", look.predictor.rebuild(noisy)))
    gallery([Picture(reading.shown(x[0]), name) for name, x in cases], key="latent:limits:pictures", size=90)


def damaged(images: Tensor, amount: float) -> Tensor:
    """Pictures with normal noise, which may leave [0, 1] as it does while training."""
    return images + amount * torch.randn(images.shape, generator=torch.Generator().manual_seed(0))


def _noise(look: Look, amount: float) -> None:
    found = background_work.ask(("latent noise", *look.key), partial(noise_curves, look))
    if found is None:
        st.caption("All held-out pictures are being broken …")
        st.skeleton(height=300)
        return
    amounts, ours, linear, untouched = found

    def curve(name: str, values: list[float], color: str, style: Style = "solid") -> Curve:
        return Curve(
            name=name, x=amounts, y=values, color=color, style=style, format=".0f", floor=LEAST_EXPLAINED
        )

    show_curves(
        [
            curve("network", ours, palette.MODEL),
            curve("components", linear, palette.BASELINE),
            curve("as it came", untouched, palette.DANGER, "light"),
        ],
        x_title="noise, standard deviation",
        y_title="explained of the whole pictures, %",
        alt=f"With noise the network falls from {ours[0]:z.0f} to {ours[-1]:z.0f} %",
        y_range=(LEAST_EXPLAINED, 100.0),
        mark=amount,
        key="latent:limits:noise-curves",
        height=320,
    )
    here = [float(np.interp(amount, amounts, y)) for y in (ours, linear, untouched)]
    st.markdown(
        f"At this noise the network rebuilds **{here[0]:z.0f} %** of the whole picture, as many principal "
        f"components {here[1]:z.0f} %; who leaves the noise in has {here[2]:z.0f} %."
    )


def noise_curves(look: Look) -> tuple[list[float], list[float], list[float], list[float]]:
    """Amounts, and what network, principal components and the noisy picture itself explain of the whole."""
    held = reading.images_of(look).test_images[:1000]
    rows, middle = held.flatten(1), reading.known_of(look).flatten(1).mean(0)
    linear = coding.principal(reading.known_of(look).flatten(1), look.predictor.code_dim)
    amounts = np.linspace(0.0, 1.0, NOISES).tolist()
    found: tuple[list[float], list[float], list[float]] = ([], [], [])
    for amount in amounts:
        noisy = damaged(held, amount)
        answers = (look.predictor.rebuild(noisy).flatten(1), linear(noisy.flatten(1)), noisy.flatten(1))
        for values, guess in zip(found, answers, strict=True):
            values.append(100 * float(rebuilding.explained(rows, guess, middle).mean()))
    return amounts, *found


def _measured(kind: str, amount: float) -> None:
    rows = measured.BY_SIZE if kind == SIZE else measured.BY_EXAMPLES
    hues = {
        "vae": palette.blend(palette.MODEL, "white", 0.45),
        "autoencoder": palette.MODEL,
        "principal components": palette.BASELINE,
    }
    curves = []
    for name, hue in hues.items():
        mine = [row for row in rows if row[0] == name]
        curves.append(
            Curve(
                name=controls.TARGETS.get(f"latent/{name}", "components").replace("variational", "var."),
                x=[float(row[1]) for row in mine],
                y=[max(0.0, 100 * row[2]) for row in mine],
                low=[max(0.0, 100 * row[3]) for row in mine],
                high=[max(0.0, 100 * row[4]) for row in mine],
                color=hue,
                format=".0f",
            )
        )
    show_curves(
        curves,
        x_title="numbers in the code" if kind == SIZE else "pictures to learn from",
        y_title="explained, %",
        alt="; ".join(f"{curve.name} reaches {curve.y[-1]:z.0f} %" for curve in curves),
        y_range=(0.0, 100.0),
        mark=amount,
        key="latent:limits:measured",
        height=320,
    )
    here = [f"{curve.name} **{np.interp(amount, curve.x, curve.y):z.0f} %**" for curve in curves]
    st.markdown(f"At {amount:z,.0f}: " + " · ".join(here))
    what = "sizes" if kind == SIZE else "examples"
    st.caption(
        f"Measured beforehand on the digits: means of {measured.SEEDS} seeds, bands are 95 % intervals over "
        f"seeds (of the components: over pictures)"
        + ("." if kind == SIZE else f", with {measured.FEW_CODE} numbers in the code.")
        + f" Again with `python -m apps.latent.bench {what}`; one by one with *Train*."
    )

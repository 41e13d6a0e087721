"""The generator of pictures: noise to drag, forged digits, and what the critic thinks of them."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.latent import gan, judge, reading
from apps.latent.reading import Look
from apps.latent.views import shared
from apps.studio import background_work
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.charts.intervals import show_scores
from envs.engine import palette
from sandbox.task import Baseline

SHOWN = 24
NOISES = 11


def answer(look: Look, other: Baseline | None) -> str:
    """How far made-up pictures are from real ones, and those of a mixture."""
    figures = reading.figures_of(look)
    mine = figures["test_frechet"]
    told = f"Fréchet distance of its pictures to real ones **{mine:z.2f}**"
    if other is None:
        return f"{told}."
    theirs = other.metrics["test_frechet"]
    if theirs < mine:
        return (
            f"A {other.name} draws closer to real ones (Fréchet distance **{theirs:z.2f}**); "
            f"the generator {mine:z.2f}."
        )
    return f"{told}; of a {other.name} {theirs:z.2f}."


def attempt(look: Look) -> None:
    """Drag the noise; below, forged pictures with the discriminator's verdict."""
    base = noise(look, 1)[0].tolist()
    shared.decoded_plane(
        look,
        shared.none_coded(look, len(base)),
        base,
        "Drag the ring: two numbers of the noise change, the others stay. Behind it lies what the generator "
        "makes of every place. Arrow keys move, too.",
        "Two numbers of the noise; dragging shows the picture that the generator makes of them",
    )
    made = look.predictor.made(SHOWN)
    scores = look.predictor.score(made)
    order = scores.argsort(descending=True)
    st.markdown(
        "**Forged**, the most believed first",
        help="The discriminator's score: in the original game the log odds of being real, 0 is undecided.",
    )
    gallery(
        [Picture(reading.shown(made[i]), f"{float(scores[i]):+.1f}", alt="Made up") for i in order],
        key="latent:forged",
        size=52,
    )
    held = reading.images_of(look).test_images[:SHOWN]
    st.markdown("**Real**, held out, with the same critic's verdict")
    gallery(
        [
            Picture(reading.shown(image), f"{float(score):+.1f}", alt="Real")
            for image, score in zip(held, look.predictor.score(held), strict=True)
        ],
        key="latent:real",
        size=52,
    )


def noise(look: Look, count: int, seed: int = 3) -> Tensor:
    """Noise that is the same at every age, (count, Z)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, look.predictor.code_dim, generator=generator)


def inside(look: Look) -> None:
    """Traversals, and how the critic would change each picture."""
    base = noise(look, 1)[0].tolist()
    here = torch.tensor(shared.spot_of(look, base).code)[None]
    st.markdown(
        "**One number of the noise at a time**, from -2.5 to 2.5, the others as left on the plane in *Try*"
    )
    for unit in range(here.shape[1]):
        codes = here.repeat(9, 1)
        codes[:, unit] = torch.linspace(-2.5, 2.5, 9)
        st.caption(f"noise {unit + 1}")
        gallery(
            [
                Picture(reading.shown(image), alt=f"Noise {unit + 1}")
                for image in look.predictor.decode(codes)
            ],
            key=f"latent:inside:unit:{unit}",
            size=46,
        )
    st.markdown(
        "**What the critic wants changed**, under each forged picture",
        help="The slope of its score by each pixel: blue, more ink would be more believable; red, less.",
    )
    made = look.predictor.made(12)
    wishes = look.predictor.wishes(made).numpy()
    scale = float(np.abs(wishes).max()) or 1.0
    gallery(
        [Picture(reading.shown(image), alt="Made up") for image in made], key="latent:inside:made", size=64
    )
    gallery(
        [Picture(wish.mean(0) / scale, alt="What the critic wants") for wish in wishes],
        key="latent:inside:wishes",
        size=64,
        signed=True,
    )


def compare(look: Look, other: Baseline | None) -> None:
    """Generator, mixture, single pixels, and real pictures against real ones."""
    figures = reading.figures_of(look)
    images = reading.images_of(look)
    plain = background_work.ask(
        ("latent plain", look.source.key, look.settings), partial(plain_figures, look)
    )
    named: list[tuple[str, Mapping[str, float], str]] = [
        (f"this generator, step {look.step:,}", figures, palette.MODEL)
    ]
    if other is not None:
        named.append((other.name, other.metrics, palette.BASELINE))
    if plain is not None:
        named.append(("each pixel by itself", plain[0], palette.BASELINE))
        named.append(("real pictures learned from", plain[1], palette.TRUTH))
    left, right = st.columns(2, gap="large")
    for column, figure, title in (
        (left, "test_frechet", "Fréchet distance to held-out pictures; smaller is closer"),
        (right, "test_score", f"classifier's score, 1 to {len(images.classes)}; larger is better"),
    ):
        with column:
            scores = [shared.score(name, found, figure, color) for name, found, color in named]
            scores += shared.others(look, ["latent/gan"], figure)
            show_scores(
                scores,
                x_title=title,
                alt="; ".join(f"{score.name} {score.mean:z.2f}" for score in scores),
                form=".2f",
                zero=figure == "test_frechet",
                key=f"latent:compare:{figure}",
            )
    critic = judge.judge_of(images)
    st.caption(
        f"Both by a classifier of the pictures learned from, which reads {100 * critic.accuracy:z.0f} of 100 "
        f"held-out ones right. {judge.SETS} sets of {gan.set_size(images)}, intervals over sets. The "
        "distance sees pictures that are alike again and again; the score does not."
    )
    st.markdown(
        "**Has it copied?** Forged pictures, and below each the nearest one that it learned from",
        help="By squared distance of pixels. A copy would look the same.",
    )
    made, known = look.predictor.made(14), reading.known_of(look)
    found = torch.cdist(made.flatten(1), known.flatten(1)).min(1)
    gallery(
        [Picture(reading.shown(image), alt="Made up") for image in made], key="latent:copied:made", size=54
    )
    gallery(
        [
            Picture(reading.shown(known[i]), f"{float(apart):z.1f}", alt="Nearest real one")
            for i, apart in zip(found.indices, found.values, strict=True)
        ],
        key="latent:copied:real",
        size=54,
    )


def plain_figures(look: Look) -> tuple[dict[str, float], dict[str, float]]:
    """Figures of pictures whose pixels know nothing of each other, and of real ones learned from."""
    images = reading.images_of(look)
    known, size = reading.known_of(look).flatten(1), gan.set_size(images)
    generator = torch.Generator().manual_seed(0)
    sets = [
        (known.mean(0) + known.std(0) * torch.randn(size, known.shape[1], generator=generator)).clamp(0, 1)
        for _ in range(judge.SETS)
    ]
    real = [known[torch.randperm(len(known), generator=generator)[:size]] for _ in range(judge.SETS)]
    critic = judge.judge_of(images)
    return critic.judged(sets), critic.judged(real)


def limits(look: Look, other: Baseline | None) -> None:
    """Noise further out than was learned, and the same noise again and again."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        amount = st.slider(
            "Size of the noise",
            0.0,
            3.0,
            1.0,
            0.05,
            key="latent:limits:scale",
            help="Factor of the noise, 0 to 3; it has learned with 1.",
        )
        st.caption(
            "Small noise stays in the middle: clean pictures, all alike. Large noise asks for places where "
            "the generator has never been."
        )
        made = look.predictor.decode(amount * noise(look, 15))
        gallery(
            [Picture(reading.shown(image), alt="Made up") for image in made],
            key="latent:limits:made",
            size=48,
        )
    with right:
        found = background_work.ask(("latent scales", *look.key), partial(scales, look))
        if found is None:
            st.caption("Sets of pictures are being made …")
            st.skeleton(height=300)
            return
        amounts, distances, variety = found
        show_curves(
            [Curve(name="generator", x=amounts, y=distances, format=".1f")],
            x_title="size of the noise",
            y_title="Fréchet distance",
            alt=f"Distance {min(distances):z.1f} at best, {distances[-1]:z.1f} with the largest noise",
            mark=amount,
            zero=True,
            key="latent:limits:distance",
            height=300,
        )
        near = float(np.interp(amount, amounts, distances))
        kinds = float(np.interp(amount, amounts, variety))
        st.markdown(
            f"At this size the distance is **{near:z.1f}**; the classifier finds {kinds:z.1f} different "
            "digits' worth of variety. To see modes being lost, train with *no penalty*."
        )


def scales(look: Look) -> tuple[list[float], list[float], list[float]]:
    """Sizes of noise, the Fréchet distance at each, and the perplexity of the classes that are made."""
    images = reading.images_of(look)
    critic = judge.judge_of(images)
    amounts = np.linspace(0.0, 3.0, NOISES).tolist()
    distances, variety = [], []
    for amount in amounts:
        rows = look.predictor.decode(amount * noise(look, gan.set_size(images), 5)).flatten(1)
        distances.append(critic.figures(rows)["test_frechet"])
        shares = critic.read(rows).mean(0)
        variety.append(float((-(shares * shares.clamp_min(1e-12).log()).sum()).exp()))
    return amounts, distances, variety

"""The map held against k-means, and how far noise leads astray."""

from functools import partial

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.latent import reading, som
from apps.latent.reading import Look
from apps.latent.views import shared
from apps.studio import background_work
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.charts.intervals import Score, show_scores
from envs.engine import palette
from sandbox.task import Baseline

NOISES = 11


def compare(look: Look, other: Baseline | None) -> None:
    """k-means on the same examples; the sheet as it began."""
    figures = reading.figures_of(look)
    rows, columns = look.predictor.som.shape
    scores = [shared.score(f"this map, {rows} × {columns}", figures, "test_quantisation", palette.MODEL)]
    if other is not None:
        name = f"{other.name}, {rows * columns} centres"
        scores.append(shared.score(name, other.metrics, "test_quantisation"))
    scores += shared.others(look, ["latent/som"], "test_quantisation")
    left, right = st.columns(2, gap="large")
    with left:
        show_scores(
            scores,
            x_title="distance from a held-out example to its unit; smaller is finer",
            alt="; ".join(f"{score.name} {score.mean:.3g}" for score in scores),
            form=".3g",
            zero=False,
            key="latent:compare:scores",
        )
    with right:
        folded = background_work.ask(("latent shuffled", *look.key), partial(shuffled, look))
        show_scores(
            [
                shared.score(
                    f"this map, {rows} × {columns}", figures, "test_topographic", palette.MODEL, 100
                ),
                *([] if folded is None else [Score(name="the same units, shuffled", mean=folded)]),
                *shared.others(look, ["latent/som"], "test_topographic", 100),
            ],
            x_title="of 100 examples, those whose two nearest units are apart",
            alt=f"Topographic error {100 * figures['test_topographic']:z.0f} of 100",
            zero=False,
            key="latent:compare:folded",
        )
    st.caption(
        "k-means may put every centre where it serves best; a map must keep neighbours together, and pays "
        "for it with a little distance. In return it can be read like a map."
    )
    examples = reading.examples_of(look)
    centres = background_work.ask(
        ("latent centres", look.source.key, look.settings),
        lambda: som.k_means(examples.known, rows * columns),
    )
    if centres is None:
        return
    left, right = st.columns(2, gap="large")
    for column, title, units, key in (
        (left, "The map", look.predictor.som.codebook.detach(), "latent:compare:map"),
        (right, "k-means, in no order", centres, "latent:compare:centres"),
    ):
        with column:
            st.markdown(f"**{title}**")
            mosaic(units, examples.shape, columns, key)


def mosaic(units: Tensor, shape: tuple[int, int, int], columns: int, key: str) -> None:
    """All units side by side in one picture."""
    channels, height, width = shape
    rows = -(-len(units) // columns)
    values = torch.zeros(rows * columns, channels, height, width)
    values[: len(units)] = units.unflatten(1, shape)
    whole = values.view(rows, columns, channels, height, width).permute(2, 0, 3, 1, 4)
    picture = whole.reshape(channels, rows * height, columns * width)
    gallery([Picture(reading.shown(picture), alt="Units")], key=key, size=420)


def shuffled(look: Look) -> float:
    """Topographic error, of 100, of the same units at other places."""
    held = reading.examples_of(look).held
    other = som.SOM(held.shape[1], *look.predictor.som.shape)
    order = torch.randperm(len(other.codebook), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        other.codebook.copy_(look.predictor.som.codebook[order])
    return 100 * other.topographic_error(held)


def limits(look: Look, other: Baseline | None) -> None:
    """Noise on what it is shown."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        amount = st.slider(
            "Noise",
            0.0,
            1.0,
            0.2,
            0.02,
            key="latent:limits:sheet",
            help="Standard deviation of what is added to held-out examples, 0 to 1.",
        )
        st.caption(
            "An example is still given to the nearest unit, however far off it is; with noise that is more "
            "and more often another one than before."
        )
    with right:
        amounts, same, near = background_work.ask(
            ("latent sheet noise", *look.key), partial(strayed, look)
        ) or (
            [],
            [],
            [],
        )
        show_curves(
            [
                Curve(name="the same unit", x=amounts, y=same, format=".0f"),
                Curve(name="or a neighbour", x=amounts, y=near, style="light", format=".0f"),
            ],
            x_title="noise, standard deviation",
            y_title="of 100 examples",
            alt="How many examples keep their unit as noise grows",
            y_range=(0.0, 100.0),
            mark=amount,
            key="latent:limits:strayed",
            height=300,
        )
        if amounts:
            here = float(np.interp(amount, amounts, same))
            st.markdown(f"At this noise **{here:z.0f}** of 100 examples still find their unit.")


def strayed(look: Look) -> tuple[list[float], list[float], list[float]]:
    """Amounts of noise, and how many of 100 examples keep their unit, or move to a neighbour at most."""
    held = reading.examples_of(look).held[:1500]
    before = look.predictor.winners(held)
    places = look.predictor.som.places
    amounts = np.linspace(0.0, 1.0, NOISES).tolist()
    same, near = [], []
    for amount in amounts:
        noisy = held + amount * torch.randn(held.shape, generator=torch.Generator().manual_seed(0))
        after = look.predictor.winners(noisy)
        same.append(100 * float((after == before).float().mean()))
        apart = (places[after] - places[before]).norm(dim=1)
        near.append(100 * float((apart < 1.5).float().mean()))
    return amounts, same, near

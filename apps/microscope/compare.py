"""Compare: without each filter, without training, and beside the nearest neighbour, on the same pictures."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import torch

from apps.components import background, wording
from apps.components.gallery import Picture, gallery
from apps.components.intervals import percent, show_scores
from apps.microscope import attempt, specimen
from apps.start import reading
from envs.engine import palette
from sandbox import explain
from sandbox.statistics import bootstrap_interval

if TYPE_CHECKING:
    from apps.start.reading import Look

PAGE = specimen.PAGE
METRIC = "test_accuracy"
MOST_PICTURES = 1_000
"""Held-out pictures on which each filter is tried."""


def show(look: "Look", neighbour: Any) -> None:
    """Draw the tab."""
    off = attempt.switched(look)
    own = reading.accuracy(look).metrics(METRIC)
    scores = [percent(f"this network, step {look.step:,}", own, METRIC, palette.MODEL)]
    if count := sum(map(len, off.values())):
        with explain.switched_off(attempt.own(look), off) as model:
            said = reading.probabilities(model, look.data.test_images).argmax(1)
        right = bootstrap_interval((said == look.data.test_labels.numpy()).astype(float))
        name = f"with {wording.count(count, 'filter')} off"
        scores.append(percent(name, right.metrics(METRIC), METRIC, palette.HUMAN))
    if neighbour is not None:
        scores.append(percent(neighbour.name, neighbour.metrics, METRIC))
    youngest = reading.look(look.run, look.run.checkpoints()[0])
    if youngest is not None and youngest.step != look.step:
        light = palette.blend(palette.MODEL, "white", 0.4)
        young = reading.accuracy(youngest).metrics(METRIC)
        scores.append(percent(f"at step {youngest.step:,}", young, METRIC, light))
    show_scores(
        scores,
        x_title=f"right of 100 held-out {reading.things(look)}, with its 95 % interval",
        alt="; ".join(f"{score.name} {score.mean:z.1f}" for score in scores),
        form=".1f",
        zero=False,
        key=f"{PAGE}:scores",
    )
    if not count:
        st.caption("Switch filters off under *Try*, and the network without them stands here, too.")
    _each_filter(look)
    if youngest is not None:
        _sanity(look, youngest)


def _each_filter(look: "Look") -> None:
    st.markdown("**Which filters matter?** Right of 100 while one filter alone is off, the most missed first")
    for stage in range(len(look.classifier.model.body)):
        shares = losses(look, stage)
        if shares is None:
            st.caption(f"Convolution {stage + 1}: each filter is being switched off in turn …")
            continue
        conv = next(look.classifier.model.body[stage].children())
        weights = conv.get_parameter("weight").detach().mean(1).numpy()
        scale = float(np.abs(weights).max()) or 1.0
        order = np.argsort(shares, kind="stable")[:16]
        st.caption(f"Convolution {stage + 1}, {len(shares)} filters")
        gallery(
            [
                Picture(
                    weights[i] / scale,
                    f"{100 * shares[i]:z.1f}",
                    alt=f"Filter {i + 1}: without it {100 * shares[i]:z.1f} of 100 are told right",
                )
                for i in order
            ],
            key=f"{PAGE}:importance:{stage}",
            size=44,
            signed=True,
        )


def losses(look: "Look", stage: int) -> np.ndarray | None:
    """Share told right without each filter of a convolution; None while it is computed."""
    some = slice(None, None, -(-len(look.data.test_images) // MOST_PICTURES))
    images, labels = look.data.test_images[some], look.data.test_labels[some]
    model = look.classifier.model
    return background.ask(
        ("importance", *look.key, stage),
        lambda: explain.importance(model, images, labels, stage).numpy(),
    )


def _sanity(look: "Look", youngest: "Look") -> None:
    st.markdown(
        "**Does the picture explain the network?** The same pictures for the untrained one",
        help="An explanation that looks alike for a network that knows nothing explains the picture and not "
        "the network (Adebayo et al. 2018).",
    )
    image, _ = specimen.current(look)
    best = int(reading.probabilities(look.classifier.model, torch.from_numpy(image)[None])[0].argmax())
    one, two = st.columns(2)
    for column, each in ((one, look), (two, youngest)):
        with column, st.container(horizontal=True, gap="small"):
            name = f"step {each.step:,}"
            cam, pull = (
                attempt.overlay(each, image, best),
                reading.saliency(each.classifier.model, image, best),
            )
            gallery([Picture(cam, f"Grad-CAM, {name}")], key=f"{PAGE}:sanity:cam:{each.step}", size=110)
            gallery(
                [Picture(pull, f"saliency, {name}")], key=f"{PAGE}:sanity:{each.step}", size=110, signed=True
            )

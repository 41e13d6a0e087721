"""Which filters matter: the figure without each of them; and whether explanations depend on the training."""

import numpy as np
import streamlit as st
import torch

from apps.microscope.views.network import cnn, is_cnn, overlay, own, probabilities, switched
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.intervals import score_of, show_scores
from apps.studio.inside.feature_maps import saliency, weights_of
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox import explain
from sandbox.statistics import bootstrap_interval

TITLE = "Which filters matter"
ORDER = 40
MOST_PICTURES = 1_000
"""Unseen pictures on which each filter is tried."""

fits = is_cnn


def show(page: str, view: RunView) -> None:
    """Draw the accuracy with filters off, without each filter, and explanations of the untrained network."""
    off, metric = switched(page, view), view.task.metric
    count = sum(map(len, off.values()))
    youngest = RunView.at(view.run, view.run.checkpoints()[0])
    scores = [score_of("all filters on", _accuracy(cnn(view), view), metric, palette.MODEL)]
    if count:
        with explain.switched_off(own(view), off) as model:
            scores.append(score_of(f"{count} off", _accuracy(model, view), metric, palette.HUMAN))
    if youngest is not None and youngest.step != view.step:
        light = palette.blend(palette.MODEL, "white", 0.4)
        name = f"at step {youngest.step:,}"
        scores.append(score_of(name, _accuracy(cnn(youngest), view), metric, light))
    show_scores(
        scores,
        x_title=f"accuracy on unseen {view.things}, %, with its 95 % interval",
        alt=f"Accuracy with {count} filters off, and without training",
        zero=False,
        key=f"{page}:off-scores",
    )
    if not count:
        st.caption("Switch filters off under *Inside*, and the network without them is compared here, too.")
    _each_filter(page, view)
    if youngest is not None and youngest.step != view.step:
        _sanity(page, view, youngest)


def _accuracy(model: torch.nn.Module, view: RunView) -> dict[str, float]:
    said = probabilities(model, view.test.inputs).argmax(1)  # pyright: ignore[reportArgumentType]
    return bootstrap_interval((said == view.test.targets.numpy()).astype(float)).metrics(view.task.metric.key)


def _each_filter(page: str, view: RunView) -> None:
    st.markdown("Accuracy in % while **one filter alone** is off, the most missed first")
    for stage in range(len(cnn(view).body)):
        shares = losses(view, stage)
        if shares is None:
            st.caption(f"Convolution {stage + 1}: each filter is being switched off in turn …")
            continue
        weights = weights_of(cnn(view), stage).mean(1)
        scale = float(np.abs(weights).max()) or 1.0
        order = np.argsort(shares, kind="stable")[:16]
        st.caption(f"Convolution {stage + 1}, {len(shares)} filters")
        gallery(
            [
                Picture(
                    weights[i] / scale,
                    f"{100 * shares[i]:z.1f}",
                    alt=f"Filter {i + 1}: without it the accuracy is {100 * shares[i]:z.1f} %",
                )
                for i in order
            ],
            key=f"{page}:importance:{stage}",
            size=44,
            signed=True,
        )


def losses(view: RunView, stage: int) -> np.ndarray | None:
    """Accuracy without each filter of a convolution; None while it is computed."""
    some, model = view.split.test.some(MOST_PICTURES), cnn(view)
    return view.later(
        f"importance {stage}", lambda: explain.importance(model, some.inputs, some.targets, stage).numpy()
    )


def _sanity(page: str, view: RunView, youngest: RunView) -> None:
    st.markdown(
        "**Does the picture explain the network?** The same pictures for the untrained one",
        help="An explanation that looks alike for a network that knows nothing explains the picture and not "
        "the network (Adebayo et al. 2018).",
    )
    image = np.asarray(current(page, view).value)
    best = int(probabilities(cnn(view), image[None])[0].argmax())
    one, two = st.columns(2)
    for column, each in ((one, view), (two, youngest)):
        with column, st.container(horizontal=True, gap="small"):
            name = f"step {each.step:,}"
            cam, pull = (
                overlay(each, image, best),
                saliency(each, image, best),
            )
            gallery([Picture(cam, f"Grad-CAM, {name}")], key=f"{page}:sanity:cam:{each.step}", size=110)
            gallery(
                [Picture(pull, f"saliency, {name}")], key=f"{page}:sanity:{each.step}", size=110, signed=True
            )

"""Cover what the network looks at, or switch more and more of it off."""

from functools import partial

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.microscope.views.network import cnn, is_cnn, own, probabilities
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.inputs.image import name_of, shown
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox import explain
from sandbox.percent import percent

TITLE = "What it looks at"
ORDER = 50
COVER, OFF = "covering what it looks at", "switching filters off"
fits = is_cnn
PICTURES = 200
"""Unseen pictures that are covered."""
SHARES = tuple(i / 10 for i in range(11))
WHY = {
    COVER: "If an explanation is true, covering what it names first hurts more than covering anything. "
    "Where its line does not fall below the random one, it says little about this network.",
    OFF: "Many filters do nearly the same, so some of them are not missed; how many depends on the order.",
}


def show(page: str, view: RunView) -> None:
    """Draw the tab."""
    left, right = panes([1, 2], key=f"{page}-limits", least=240)
    with left:
        kind = st.selectbox(
            "Break it by", [COVER, OFF], key=f"{page}:broken", help="What is done to picture or network."
        )
        share = st.select_slider(
            "Share",
            SHARES,
            0.3,
            format_func=percent,
            key=f"{page}:share",
            help="Of the pixels that are covered, or of the filters that are off.",
        )
        if kind == COVER:
            _example(page, view, share)
        st.caption(WHY[kind])
    with right:
        work = covering if kind == COVER else darkening
        found = view.later(kind, partial(work, view))
        if found is None:
            st.caption("Testing on unseen pictures …")
            st.skeleton(height=300)
            return
        hues = {"random": palette.BASELINE, "saliency": palette.HUMAN, "least missed first": palette.HUMAN}
        show_curves(
            [
                Curve(
                    name=name,
                    x=[100 * each for each in SHARES],
                    y=[100 * each for each in values],
                    color=hues.get(name, palette.MODEL),
                    format=".0f",
                )
                for name, values in found.items()
            ],
            x_title="pixels covered, %" if kind == COVER else "filters of all convolutions off, %",
            y_title="accuracy, %",
            alt=f"Accuracy while {kind}",
            y_range=(0.0, 100.0),
            mark=100 * share,
            key=f"{page}:limits:{kind}",
            height=320,
        )
        at = SHARES.index(share)
        said = ", ".join(f"{name} **{100 * values[at]:z.0f}**" for name, values in found.items())
        st.markdown(f"Accuracy at {percent(share)}, in %: {said}.")


def orders(view: RunView, image: Tensor, label: int, seed: int) -> dict[str, Tensor]:
    """Orders in which to cover the pixels (H W,) of a picture, by who says what matters."""
    model = cnn(view)
    size = (image.shape[1], image.shape[2])
    heat = explain.over_picture(explain.grad_cam(model, image, label), explain.fields(model)[-1], size)
    pull = explain.saliency(model, image, label).abs().sum(0)
    chance = torch.rand(size, generator=torch.Generator().manual_seed(seed))
    ranked = {"random": chance, "saliency": pull, "Grad-CAM": heat}
    return {name: each.flatten().argsort(descending=True) for name, each in ranked.items()}


def covered(view: RunView, image: Tensor, order: Tensor, share: float) -> Tensor:
    """The picture with the first pixels of an order covered: by paper, or by the picture's mean colour."""
    count = round(share * len(order))
    flat = image.flatten(1).clone()
    paper = (
        torch.zeros(len(flat), 1) if view.predictor.input.style is not None else flat.mean(1, keepdim=True)
    )
    flat[:, order[:count]] = paper
    return flat.view_as(image)


def covering(view: RunView) -> dict[str, list[float]]:
    """Share of unseen pictures read correctly at each of `SHARES`, for each order of covering."""
    some = view.split.test.some(PICTURES)
    images, labels = some.inputs, some.targets
    said = probabilities(cnn(view), images).argmax(1)
    by_picture = [
        orders(view, image, int(label), i) for i, (image, label) in enumerate(zip(images, said, strict=True))
    ]
    found: dict[str, list[float]] = {}
    for name in by_picture[0]:
        found[name] = []
        for share in SHARES:
            broken = torch.stack(
                [
                    covered(view, image, order[name], share)
                    for image, order in zip(images, by_picture, strict=True)
                ]
            )
            right = probabilities(cnn(view), broken).argmax(1) == labels.numpy()
            found[name].append(float(right.mean()))
    return found


def darkening(view: RunView) -> dict[str, list[float]]:
    """Share of unseen pictures read correctly as filters go off, at random and the least missed first."""
    some = view.split.test.some(PICTURES)
    images, labels = some.inputs, some.targets
    model = own(view)
    missed = torch.cat([explain.importance(model, images, labels, stage) for stage in range(len(model.body))])
    places = [
        (stage, number)
        for stage, maps in enumerate(explain.feature_maps(model, images[:1]))
        for number in range(maps.shape[1])
    ]
    generator = np.random.default_rng(0)
    ways = {
        "random": generator.permutation(len(places)),
        "least missed first": missed.argsort(descending=True),
    }
    found: dict[str, list[float]] = {}
    for name, order in ways.items():
        found[name] = []
        for share in SHARES:
            off: dict[int, list[int]] = {}
            for i in order[: round(share * len(places))]:
                stage, number = places[int(i)]
                off.setdefault(stage, []).append(number)
            with explain.switched_off(model, off):
                right = probabilities(model, images).argmax(1) == labels.numpy()
            found[name].append(float(right.mean()))
    return found


def _example(page: str, view: RunView, share: float) -> None:
    picture = torch.from_numpy(np.asarray(current(page, view).value))
    best = int(probabilities(cnn(view), picture[None])[0].argmax())
    pictures = []
    for name, order in orders(view, picture, best, 0).items():
        broken = covered(view, picture, order, share)
        said = probabilities(cnn(view), broken[None])[0]
        answer = name_of(view, said.argmax())
        pictures.append(Picture(shown(view, broken), f"{name}: {answer}", alt=f"Covered by {name}"))
    gallery(pictures, key=f"{page}:covered", size=72)

"""Limits: cover what the network looks at, or switch more and more of it off."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.components import background
from apps.components.curves import Curve, show_curves
from apps.components.gallery import Picture, gallery
from apps.components.panes import panes
from apps.microscope import attempt, specimen
from apps.start import reading
from envs.engine import palette
from sandbox import explain

if TYPE_CHECKING:
    from apps.start.reading import Look

PAGE = specimen.PAGE
COVER, OFF = "covering what it looks at", "switching filters off"
PICTURES = 200
"""Held-out pictures that are covered."""
SHARES = tuple(i / 10 for i in range(11))
WHY = {
    COVER: "If an explanation is true, covering what it names first hurts more than covering anything. "
    "Where its line does not fall below the random one, it says little about this network.",
    OFF: "Many filters do nearly the same, so that some can go unnoticed; the order decides how many.",
}


def show(look: "Look") -> None:
    """Draw the tab."""
    left, right = panes([1, 2], key=f"{PAGE}-limits", least=240)
    with left:
        kind = st.selectbox(
            "Break it by", [COVER, OFF], key=f"{PAGE}:limit", help="What is done to picture or network."
        )
        share = st.select_slider(
            "Share",
            SHARES,
            0.3,
            format_func=lambda value: f"{value:.0%}",
            key=f"{PAGE}:share",
            help="Of the pixels that are covered, or of the filters that are off.",
        )
        if kind == COVER:
            _example(look, share)
        st.caption(WHY[kind])
    with right:
        work = covering if kind == COVER else darkening
        found = background.ask((kind, *look.key), partial(work, look))
        if found is None:
            st.caption("The held-out pictures are being looked at …")
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
            y_title="right of 100",
            alt=f"Pictures told right while {kind}",
            y_range=(0.0, 100.0),
            mark=100 * share,
            key=f"{PAGE}:limits:{kind}",
            height=320,
        )
        at = SHARES.index(share)
        said = ", ".join(f"{name} **{100 * values[at]:z.0f}**" for name, values in found.items())
        st.markdown(f"At {share:.0%} it tells right, of 100: {said}.")


def orders(look: "Look", image: Tensor, label: int, seed: int) -> dict[str, Tensor]:
    """Orders in which to cover the pixels (H W,) of a picture, by who says what matters."""
    model = look.classifier.model
    size = (image.shape[1], image.shape[2])
    heat = explain.over_picture(explain.grad_cam(model, image, label), explain.fields(model)[-1], size)
    pull = explain.saliency(model, image, label).abs().sum(0)
    chance = torch.rand(size, generator=torch.Generator().manual_seed(seed))
    ranked = {"random": chance, "saliency": pull, "Grad-CAM": heat}
    return {name: each.flatten().argsort(descending=True) for name, each in ranked.items()}


def covered(look: "Look", image: Tensor, order: Tensor, share: float) -> Tensor:
    """The picture with the first pixels of an order covered: by paper, or by the picture's mean colour."""
    count = round(share * len(order))
    flat = image.flatten(1).clone()
    paper = torch.zeros(len(flat), 1) if look.classifier.style is not None else flat.mean(1, keepdim=True)
    flat[:, order[:count]] = paper
    return flat.view_as(image)


def covering(look: "Look") -> dict[str, list[float]]:
    """Share of held-out pictures told right at each of `SHARES`, for each order of covering."""
    some = slice(None, None, -(-len(look.data.test_images) // PICTURES))
    images, labels = look.data.test_images[some], look.data.test_labels[some]
    said = reading.probabilities(look.classifier.model, images).argmax(1)
    by_picture = [
        orders(look, image, int(label), i) for i, (image, label) in enumerate(zip(images, said, strict=True))
    ]
    found: dict[str, list[float]] = {}
    for name in by_picture[0]:
        found[name] = []
        for share in SHARES:
            broken = torch.stack(
                [
                    covered(look, image, order[name], share)
                    for image, order in zip(images, by_picture, strict=True)
                ]
            )
            right = reading.probabilities(look.classifier.model, broken).argmax(1) == labels.numpy()
            found[name].append(float(right.mean()))
    return found


def darkening(look: "Look") -> dict[str, list[float]]:
    """Share of held-out pictures told right as filters go off, at random and the least missed first."""
    some = slice(None, None, -(-len(look.data.test_images) // PICTURES))
    images, labels = look.data.test_images[some], look.data.test_labels[some]
    model = attempt.own(look)
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
                right = reading.probabilities(model, images).argmax(1) == labels.numpy()
            found[name].append(float(right.mean()))
    return found


def _example(look: "Look", share: float) -> None:
    image, _ = specimen.current(look)
    picture = torch.from_numpy(image)
    best = int(reading.probabilities(look.classifier.model, picture[None])[0].argmax())
    pictures = []
    for name, order in orders(look, picture, best, 0).items():
        broken = covered(look, picture, order, share)
        said = reading.probabilities(look.classifier.model, broken[None])[0]
        answer = look.data.classes[int(said.argmax())]
        pictures.append(Picture(reading.shown(look, broken), f"{name}: {answer}", alt=f"Covered by {name}"))
    gallery(pictures, key=f"{PAGE}:covered", size=72)

"""Limits: ever less of the picture, and broken ones."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st
import torch
from torch import Tensor

from apps.energy import attempt, breaking, completion, reading
from apps.energy.damage import fall
from apps.energy.dbn import known_rows
from apps.studio import background_work
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.columns import panes
from envs.engine import palette
from sandbox.data.nearest_neighbour import nearest_labels

if TYPE_CHECKING:
    from apps.energy.reading import Look

PAGE = "energy"
SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)
COUNT = 200
"""Held-out pictures that are completed."""


def show(look: "Look") -> None:
    """Draw the tab."""
    if look.run.config["target"] == "energy/dbn":
        _broken(look)
    else:
        _less(look)


def _less(look: "Look") -> None:
    left, right = panes([1, 2], key=f"{PAGE}-limits", least=240)
    with left:
        share = st.select_slider(
            "Missing",
            SHARES,
            value=0.5,
            format_func=lambda share: f"{share:.0%}",
            key="energy:share",
            help="Share of the rows that are not shown, from below.",
        )
        picture, _ = attempt.current(look)
        keep = reading.kept(look, "lower", share)
        guess = completion.by_machine(look.rbm, picture.repeat(attempt.CHAINS, 1), keep).mean(0)
        with st.container(horizontal=True, gap="small"):
            hidden = torch.where(keep, picture[0], torch.zeros(()))
            gallery([Picture(reading.grid(look, hidden), "given")], key="energy:less", size=96)
            gallery([Picture(reading.grid(look, guess), "completed")], key="energy:more", size=96)
        st.caption(
            "With less to go on, several pictures fit what is given; the mean of all of them is a blur, "
            "which is the best guess and like none of them."
        )
    with right:
        found = background_work.ask(("energy less", *look.key), lambda: measure_less(look))
        if found is None:
            st.caption("Held-out pictures are being completed …")
            st.skeleton(height=300)
            return
        show_curves(
            [
                Curve(
                    name=name,
                    x=[100 * share for share in SHARES],
                    y=[100 * value for value in values],
                    color=palette.MODEL if name == "machine" else palette.BASELINE,
                    style="solid" if name != "components" else "light",
                    format=".0f",
                )
                for name, values in found.items()
            ],
            x_title="missing, % of the rows",
            y_title="explained, %",
            alt="; ".join(f"{name} from {v[0]:.0%} to {v[-1]:.0%}" for name, v in found.items()),
            mark=100 * share,
            key="energy:limits",
            height=320,
        )


def measure_less(look: "Look") -> dict[str, list[float]]:
    """For each share that is missing, how much of it each way explains, on some held-out pictures."""
    train, test = look.pictures.train, look.pictures.test[:COUNT]
    found: dict[str, list[float]] = {"machine": [], "neighbours": [], "components": []}
    for share in SHARES:
        keep = reading.kept(look, "lower", share)
        guesses = {
            "machine": completion.by_machine(look.rbm, test.repeat(attempt.CHAINS, 1), keep)
            .unflatten(0, (attempt.CHAINS, -1))
            .mean(0),
            "neighbours": completion.by_neighbours(train, test, keep),
            "components": completion.by_components(train, test, keep),
        }
        for name, guess in guesses.items():
            found[name].append(float(completion.explained(test, guess, train.mean(0), keep).mean()))
    return found


def _broken(look: "Look") -> None:
    left, right = panes([1, 2], key=f"{PAGE}-limits", least=240)
    with left:
        choice = breaking.choose(PAGE)
        image = _square(look, attempt.current(look)[0])[0]
        breaking.show_pair(PAGE, image[0].numpy(), choice.apply(image)[0].numpy())
    with right:
        found = background_work.ask(
            ("energy broken", *look.key, choice.kind), lambda: measure_broken(look, choice.kind)
        )
        if found is None:
            st.caption("All held-out pictures are being broken …")
            st.skeleton(height=300)
            return
        breaking.show_fall(PAGE, choice, *found)


def measure_broken(look: "Look", kind: str) -> tuple[list[float], dict[str, list[float]]]:
    """Amounts, and how many of 100 held-out pictures both nets and the nearest neighbour read at each."""
    data, stack = look.pictures, look.stack
    known = known_rows(data, look.settings)
    examples, names = data.train[known], data.train_labels[known]

    def reader(net: str) -> Callable[[Tensor], Tensor]:
        return lambda images: torch.from_numpy(stack.say(net, images.flatten(1)).argmax(1))

    readers = {
        "pretrained": reader("pretrained"),
        "not pretrained": reader("plain"),
        "neighbour": lambda images: nearest_labels(examples, names, images.flatten(1)),
    }
    return fall(kind, _square(look, data.test), data.test_labels, readers)


def _square(look: "Look", rows: Tensor) -> Tensor:
    """Rows of numbers as pictures (N, 1, H, W)."""
    return rows.reshape(len(rows), 1, *look.pictures.shape)

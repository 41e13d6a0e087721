"""Limits: ever less of the picture, and broken ones."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import torch

from apps.components import background
from apps.components.curves import Curve, show_curves
from apps.components.gallery import Picture, gallery
from apps.energy import attempt, completion, reading
from apps.start.damage import DAMAGES
from envs.engine import palette
from sandbox.data.nearest_neighbour import nearest_labels

if TYPE_CHECKING:
    from apps.energy.reading import Look

SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)
POINTS = 9
COUNT = 200


def show(look: "Look") -> None:
    """Draw the tab."""
    if look.run.config["target"] == "energy/dbn":
        _broken(look)
    else:
        _less(look)


def _less(look: "Look") -> None:
    left, right = st.columns([1, 2], gap="large")
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
            "With less to go on, several digits fit what is given; the mean of all of them is a blur, "
            "which is the best guess and no digit."
        )
    with right:
        found = background.ask(("energy less", *look.key), lambda: measure_less(look))
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
    left, right = st.columns([1, 2], gap="large")
    with left:
        kind = st.selectbox(
            "Break it by", list(DAMAGES), key="energy:kind", help="What is done to every picture."
        )
        damage = DAMAGES[kind]
        amount = st.slider(
            kind,
            0.0,
            damage.most,
            damage.most / 4,
            step=damage.most / 100,
            key=f"energy:damage:{kind}",
            help=f"In {damage.unit}, 0 to {damage.most:g}.",
        )
        picture, _ = attempt.current(look)
        shown = damage.apply(_square(look, picture), amount, torch.Generator().manual_seed(0))
        with st.container(horizontal=True, gap="small"):
            gallery([Picture(reading.grid(look, picture[0]), "before")], key="energy:before", size=96)
            gallery([Picture(shown[0, 0].numpy(), "after")], key="energy:after", size=96)
        st.caption(damage.why)
    with right:
        found = background.ask(("energy broken", *look.key, kind), lambda: measure_broken(look, kind))
        if found is None:
            st.caption("All held-out pictures are being broken …")
            st.skeleton(height=300)
            return
        amounts, scores = found
        colors: dict[str, Any] = {"pretrained": palette.MODEL, "neighbour": palette.BASELINE}
        show_curves(
            [
                Curve(
                    name=name,
                    x=amounts,
                    y=values,
                    color=colors.get(name, palette.blend(palette.MODEL, "white", 0.4)),
                    format=".0f",
                )
                for name, values in scores.items()
            ],
            x_title=f"{kind.lower()}, {damage.unit}",
            y_title="right of 100",
            alt="; ".join(f"{name} falls to {values[-1]:.0f}" for name, values in scores.items()),
            y_range=(0.0, 100.0),
            mark=amount,
            key="energy:limits",
            height=320,
        )


def measure_broken(look: "Look", kind: str) -> tuple[list[float], dict[str, list[float]]]:
    """Amounts, and how many of 100 held-out pictures both nets and the nearest neighbour read at each."""
    from apps.energy.dbn import known_rows

    damage, data = DAMAGES[kind], look.pictures
    known = known_rows(data, look.settings)
    amounts = np.linspace(0.0, damage.most, POINTS).tolist()
    found: dict[str, list[float]] = {"pretrained": [], "plain": [], "neighbour": []}
    for amount in amounts:
        broken = damage.apply(_square(look, data.test), amount, torch.Generator().manual_seed(0)).flatten(1)
        said = {name: torch.from_numpy(look.stack.say(name, broken).argmax(1)) for name in look.stack.nets}
        said["neighbour"] = nearest_labels(data.train[known], data.train_labels[known], broken)
        for name, labels in said.items():
            found[name].append(100 * float((labels == data.test_labels).double().mean()))
    return amounts, found


def _square(look: "Look", rows: torch.Tensor) -> torch.Tensor:
    """Rows of numbers as pictures (N, 1, H, W)."""
    return rows.reshape(len(rows), 1, *look.pictures.shape)

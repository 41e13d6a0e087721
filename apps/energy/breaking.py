"""One slider breaks pictures: the choice, before and after, and who falls how far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.energy.damage import DAMAGES, Damage
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.curves import Curve, show_curves
from envs.engine import palette


@dataclass(frozen=True)
class Choice:
    """What is done to the pictures."""

    kind: str
    amount: float

    @property
    def damage(self) -> Damage:
        """How."""
        return DAMAGES[self.kind]

    def apply(self, image: Tensor) -> Tensor:
        """A picture (C, H, W), broken."""
        return self.damage.apply(image[None], self.amount, torch.Generator().manual_seed(0))[0]


def choose(page: str) -> Choice:
    """Draw the menu and the slider."""
    kind = st.selectbox(
        "Break it by", list(DAMAGES), key=f"{page}:break", help="What is done to every picture."
    )
    damage = DAMAGES[kind]
    amount = st.slider(
        kind,
        0.0,
        damage.most,
        damage.most / 4,
        step=damage.most / 100,
        key=f"{page}:break:{kind}",
        help=f"In {damage.unit}, 0 to {damage.most:g}.",
    )
    return Choice(kind, amount)


def show_pair(page: str, before: np.ndarray, after: np.ndarray) -> None:
    """Draw a picture, (H, W) ink or (H, W, 3) photo, before and after."""
    gallery([Picture(before, "before"), Picture(after, "after")], key=f"{page}:pair", size=96)


def show_fall(page: str, choice: Choice, amounts: Sequence[float], scores: Mapping[str, list[float]]) -> None:
    """Draw who reads how much as the damage grows, the first one in the model's hue, and say it in words.

    Args:
        page: the page's name.
        choice: what is done now.
        amounts: at which everybody was measured.
        scores: of 100, at each amount, by name; `neighbour` is the baseline.
    """
    light = palette.blend(palette.MODEL, "white", 0.4)
    hues = {"neighbour": palette.BASELINE, next(iter(scores)): palette.MODEL}
    show_curves(
        [
            Curve(name=name, x=amounts, y=values, color=hues.get(name, light), format=".0f")
            for name, values in scores.items()
        ],
        x_title=f"{choice.kind.lower()}, {choice.damage.unit}",
        y_title="right of 100",
        alt=f"As {choice.kind.lower()} grows, "
        + ", ".join(f"{name} falls to {values[-1]:z.0f} of 100" for name, values in scores.items()),
        y_range=(0.0, 100.0),
        mark=choice.amount,
        key=f"{page}:fall",
        height=300,
    )
    here = ", ".join(
        f"{name} **{np.interp(choice.amount, amounts, values):z.0f}**" for name, values in scores.items()
    )
    st.markdown(f"Read right at this amount, of 100: {here}.")
    st.caption(choice.damage.why)

"""The duel in the plane: what the discriminator believes, where it pushes, how the generator follows."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor

from apps.latent import duel
from apps.studio.browser import component
from apps.studio.browser.packed import shares, thousandths
from apps.studio.browser.transport import BAR, SCRIPTS
from apps.studio.page.columns import panes
from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.blocks.gan import GAN
from sandbox.data import mixtures
from sandbox.data.batches import ShuffledBatches

TITLE = "The duel"
SIDE, POINTS, REAL, MESH = 44, 160, 500, 11
"""Cells of the discriminator's map across; generated and real points that are drawn; lines of the mesh."""
STEPS, AGES = 30, 40
"""Steps in slow motion; checkpoints in the film of the whole training."""
WHOLE, SLOW = "the whole training", "slow motion from this age"
_COMPONENT = component.make(
    "latent_duel",
    Path(__file__).parent,
    html=f'<div class="film"><canvas class="stage" role="img"></canvas>{BAR}</div>',
    css=["transport.css"],
    js=[*SCRIPTS, "duel.js"],
)


def fits(view: RunView) -> bool:
    """Whether it generates points."""
    return view.predictor.input.kind == "noise" and view.predictor.output.kind == "points"


def show(page: str, view: RunView) -> None:
    """Draw the film: whole, or in single steps."""
    newest = view.run.checkpoints()[-1]
    if not newest or view.run.is_alive():
        frames, name, begin = [frame(view, view.predictor.model, view.step)], "live", False
    else:
        choice = st.segmented_control(
            "Film",
            [WHOLE, SLOW],
            default=WHOLE,
            required=True,
            key=f"{page}:film",
            help=f"All kept ages, or the next {STEPS} steps from the age below, move by move.",
        )
        begin = True
        if choice == SLOW:
            frames, name = kept(("slow", *view.key), lambda: slow_motion(view)), f"slow:{view.step}"
        else:
            frames, name = kept(("film", view.key[0], newest), lambda: whole(view)), f"whole:{newest}"
    left, right = panes([3, 2], key=f"{page}-duel")
    with left:
        draw(page, view, frames, name, begin)
    with right:
        _explain(view, bool(frames and frames[0].get("pull")))


def picture(page: str, view: RunView) -> None:
    """Draw the moment: points, and what the discriminator believes."""
    draw(f"{page}:learn", view, [frame(view, view.predictor.model, view.step)], "now", False)


def _explain(view: RunView, arrows: bool) -> None:
    st.markdown(
        ":green[**Green**]: real points, and where the discriminator takes points for real. "
        ":blue[**Blue**]: generated points, and where it takes points for generated. "
        "No colour: it cannot tell, which is what the generator wants everywhere."
    )
    st.markdown(
        "The thin mesh is the sheet of noise as the generator lays it into the plane. It stretches and "
        "folds, but never tears, and so leaves threads between heaps."
        if view.settings.latent == 2
        else "Each point comes from noise of its own, the same at every age."
    )
    if arrows:
        st.markdown(
            "**Arrows**: where each generated point would have to go to look more real to the discriminator. "
            "First the discriminator learns (the colours change), then the generator (the points move). Use "
            "the two arrows beside *Play* for single moves."
        )
    if view.split.about.synthetic:
        st.caption("The points are *synthetic*.")


def draw(page: str, view: RunView, frames: list[dict[str, Any]], name: str, begin: bool) -> None:
    """Draw a film.

    Args:
        page: the page's name.
        view: whose points they are.
        frames: moments, see `frame`.
        name: of the film; another one begins anew.
        begin: whether it plays by itself.
    """
    _COMPONENT(
        key=f"{page}:duel",
        data={
            "token": f"{view.key}:{name}:{len(frames)}",
            "film": f"{view.run.name}:{name}",
            "begin": begin,
            "frames": frames,
            "real": thousandths(view.test.targets[:REAL].numpy()),
            "side": SIDE,
            "edge": mixtures.EDGE,
            "hues": {"real": palette.TRUTH, "made": palette.MODEL},
            "alt": "Real points, generated points, and what the discriminator believes of each place",
        },
    )


def frame(view: RunView, gan: GAN, step: int, told: str = "", pull: bool = False) -> dict[str, Any]:
    """One moment: the discriminator's map, generated points, and where it would push them."""
    made = points_of(view, gan)
    found = {
        "told": told or f"step {step:,}",
        "belief": shares(belief(gan, view.settings.objective)),
        "made": thousandths(made.numpy()),
    }
    if pull:
        found["pull"] = thousandths(pulls(gan, made).numpy())
    if view.settings.latent == 2:
        line = torch.linspace(-2, 2, MESH)
        with torch.no_grad():
            found["mesh"] = thousandths(gan.generator(torch.cartesian_prod(line, line)).numpy())
    return found


def points_of(view: RunView, gan: GAN, count: int = POINTS) -> Tensor:
    """Points of the same noise at every age, (count, 2)."""
    with torch.no_grad():
        return gan.generator(torch.from_numpy(view.predictor.input.draw(count, seed=1)))


@torch.no_grad()
def belief(gan: GAN, objective: str) -> NDArray[np.floating]:
    """How likely the discriminator finds each place to be real, (SIDE * SIDE,), the first row at the top.

    A Wasserstein critic gives no odds: its scores are taken relative to their own middle and spread.
    """
    edge = mixtures.EDGE * (1 - 1 / SIDE)
    line = torch.linspace(-edge, edge, SIDE)
    y, x = torch.meshgrid(line.flip(0), line, indexing="ij")
    scores = gan.score(torch.stack([x.flatten(), y.flatten()], 1))
    if objective == "wasserstein":
        scores = 2 * (scores - scores.median()) / scores.std().clamp_min(1e-6)
    return scores.sigmoid().numpy()


def pulls(gan: GAN, points: Tensor) -> Tensor:
    """Arrows along the discriminator's slope at points, (N, 2), the longest of them 0.3."""
    x = points.clone().requires_grad_()
    (slope,) = torch.autograd.grad(gan.score(x).sum(), x)
    return 0.3 * slope / slope.norm(dim=1).amax().clamp_min(1e-9)


def whole(view: RunView) -> list[dict[str, Any]]:
    """A frame for each kept age."""
    return [frame(view, each.predictor.model, each.step) for each in view.ages(AGES)]


def slow_motion(view: RunView) -> list[dict[str, Any]]:
    """The next steps from this age as they may go on, each in two frames: discriminator, then generator."""
    settings = view.settings
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(view.step)
        contest = duel.contest(settings, torch.device("cpu"))
        tensors, _ = view.run.load_model(view.step)
        contest.go_on_from(tensors)
        seed = int(view.run.config.get("seed") or 0)
        batches = ShuffledBatches(view.split.train.inputs, batch_size=settings.batch_size, seed=seed)
        frames = [frame(view, contest.gan, view.step, pull=True)]
        for step in range(view.step + 1, view.step + STEPS + 1):
            before = points_of(view, contest.gan)
            contest.step(batches(step - 1))
            after = frame(view, contest.gan, step, f"step {step:,}: the generator has moved", pull=True)
            between = {
                **after,
                "told": f"step {step:,}: the discriminator has learned",
                "made": thousandths(before.numpy()),
                "pull": thousandths(pulls(contest.gan, before).numpy()),
            }
            if "mesh" in frames[-1]:
                between["mesh"] = frames[-1]["mesh"]
            frames += [between, after]
    return frames

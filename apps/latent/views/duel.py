"""The duel in the plane: what the discriminator believes, where it pushes, how the generator follows."""

from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.latent import duel, film, mixtures, reading
from apps.latent.reading import Look
from apps.studio.charts.curves import thin
from envs.engine import palette
from sandbox.blocks.gan import GAN
from sandbox.data.batches import ShuffledBatches
from sandbox.task import Baseline

SIDE, POINTS, REAL, MESH = 44, 160, 500, 11
"""Cells of the discriminator's map across; made-up and real points that are drawn; lines of the mesh."""
STEPS, KEPT = 30, 40
"""Steps in slow motion; checkpoints in the film of the whole training."""
WHOLE, SLOW = "the whole training", "slow motion from this age"


def answer(look: Look, other: Baseline | None) -> str:
    """How far the generator is, and that a fitted mixture is further."""
    figures = reading.figures_of(look)
    mixed = 100 * figures["test_mixed"]
    found = (
        f"**{mixed:z.0f}** of 100 points have a nearest neighbour of the other kind (50 if nobody could tell)"
    )
    centres = reading.target_of(look).centres
    if centres is not None:
        near = 100 * figures["test_near"]
        found = (
            f"It has found **{figures['test_modes']:z.0f}** of {len(centres)} heaps, {near:z.0f} % of its "
            f"points lie on one; {found}"
        )
    if other is None:
        return f"{found}."
    theirs = 100 * other.metrics["test_mixed"]
    if theirs > mixed:
        return f"A {other.name}, fitted in a blink, is the better forger ({theirs:z.0f} of 50). {found}."
    return f"{found}; a {other.name} reaches {theirs:z.0f}."


def attempt(look: Look) -> None:
    """The film: whole, or in single steps."""
    newest = look.run.checkpoints()[-1]
    if not newest or look.run.is_alive():
        frames, name, begin = [frame(look, look.predictor, look.step)], "live", False
    else:
        choice = st.segmented_control(
            "Film",
            [WHOLE, SLOW],
            default=WHOLE,
            key="latent:film",
            help=f"All kept ages, or the next {STEPS} steps from the age below, move by move.",
        )
        if choice == SLOW:
            frames, name = _slow_motion(look.key, look), f"{look.run.name}:slow:{look.step}"
        else:
            frames, name = _whole((str(look.run.path), newest), look), f"{look.run.name}:whole:{newest}"
        begin = True
    left, right = st.columns([3, 2], gap="large")
    with left:
        show(look, frames, name, begin)
    with right:
        st.markdown(
            ":green[**Green**]: real points, and where the discriminator believes what it sees. "
            ":blue[**Blue**]: made-up points, and where it believes they are made up. "
            "No colour: it cannot tell, which is what the generator wants everywhere."
        )
        st.markdown(
            "The thin mesh is the sheet of noise as the generator lays it into the plane: it stretches and "
            "folds, but never tears, and so leaves threads between heaps."
            if look.settings.latent == 2
            else "Each point comes from noise of its own, the same at every age."
        )
        if frames and frames[0].get("pull"):
            st.markdown(
                "**Arrows**: where each made-up point would have to go for the discriminator to believe it "
                "more. First the discriminator learns (the colours change), then the generator (the points "
                "move). Use the two arrows beside *Play* for single moves."
            )
        if reading.target_of(look).synthetic:
            st.caption("The points are *synthetic*.")


def show(look: Look, frames: list[dict[str, Any]], name: str, begin: bool) -> None:
    """Show a film."""
    target = reading.target_of(look)
    path, step, updated = look.key
    film.show_duel(
        {
            "token": f"{path}:{step}:{updated}:{name}:{len(frames)}",
            "film": name,
            "begin": begin,
            "frames": frames,
            "real": film.shorts(target.held[:REAL].numpy()),
            "side": SIDE,
            "edge": mixtures.EDGE,
            "hues": {"real": palette.TRUTH, "made": palette.MODEL},
            "alt": "Real points, made-up points, and what the discriminator believes of each place",
        },
        key="latent:duel",
    )


def frame(look: Look, gan: GAN, step: int, told: str = "", pull: bool = False) -> dict[str, Any]:
    """One moment: the discriminator's map, made-up points, and where it would push them."""
    made = points_of(look, gan)
    found = {
        "told": told or f"step {step:,}",
        "belief": film.bytes_of(belief(gan, look.settings.objective)),
        "made": film.shorts(made.numpy()),
    }
    if pull:
        found["pull"] = film.shorts(pulls(gan, made).numpy())
    if look.settings.latent == 2:
        line = torch.linspace(-2, 2, MESH)
        with torch.no_grad():
            found["mesh"] = film.shorts(gan.generator(torch.cartesian_prod(line, line)).numpy())
    return found


def points_of(look: Look, gan: GAN) -> Tensor:
    """Points of the same noise at every age, (POINTS, 2)."""
    noise = torch.randn(POINTS, look.settings.latent, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return gan.generator(noise)


def places() -> Tensor:
    """The middles of the map's cells, the first row at the top, (SIDE * SIDE, 2)."""
    edge = mixtures.EDGE * (1 - 1 / SIDE)
    line = torch.linspace(-edge, edge, SIDE)
    y, x = torch.meshgrid(line.flip(0), line, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], 1)


@torch.no_grad()
def belief(gan: GAN, objective: str) -> np.ndarray:
    """How likely the discriminator finds each place to be real, (SIDE * SIDE,).

    A Wasserstein critic gives no odds: its scores are taken relative to their own middle and spread.
    """
    scores = gan.score(places())
    if objective == "wasserstein":
        scores = 2 * (scores - scores.median()) / scores.std().clamp_min(1e-6)
    return scores.sigmoid().numpy()


def pulls(gan: GAN, points: Tensor) -> Tensor:
    """Arrows along the discriminator's slope at points, (N, 2), the longest of them 0.3."""
    x = points.clone().requires_grad_()
    (slope,) = torch.autograd.grad(gan.score(x).sum(), x)
    return 0.3 * slope / slope.norm(dim=1).amax().clamp_min(1e-9)


@st.cache_data(max_entries=8, show_spinner=False)
def _whole(key: tuple[str, int], _look: Look) -> list[dict[str, Any]]:
    return whole(_look)


@st.cache_data(max_entries=16, show_spinner=False)
def _slow_motion(key: tuple[str, int, float], _look: Look) -> list[dict[str, Any]]:
    return slow_motion(_look)


def whole(look: Look) -> list[dict[str, Any]]:
    """A frame for each kept age."""
    steps = look.run.checkpoints()
    kept = [steps[i] for i in thin(len(steps), KEPT)]
    return [frame(look, predictor, step) for step, predictor in reading.through(look.run, kept)]


def slow_motion(look: Look) -> list[dict[str, Any]]:
    """The next steps from this age as they may go on, each in two frames: discriminator, then generator."""
    settings = look.settings
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(look.step)
        contest = duel.contest(settings, torch.device("cpu"))
        tensors, _ = look.run.load_model(look.step)
        contest.go_on_from(tensors)
        known = reading.target_of(look).known
        seed = int(look.run.config.get("seed") or 0)
        batches = ShuffledBatches(known, batch_size=settings.batch_size, seed=seed)
        frames = [frame(look, contest.gan, look.step, pull=True)]
        for step in range(look.step, look.step + STEPS):
            before = points_of(look, contest.gan)
            contest.step(batches(step))
            after = frame(
                look, contest.gan, step + 1, f"step {step + 1:,}: the generator has moved", pull=True
            )
            between = {
                **after,
                "told": f"step {step + 1:,}: the discriminator has learned",
                "made": film.shorts(before.numpy()),
                "pull": film.shorts(pulls(contest.gan, before).numpy()),
            }
            if "mesh" in frames[-1]:
                between["mesh"] = frames[-1]["mesh"]
            frames += [between, after]
    return frames


def inside(look: Look) -> None:
    """The field of slopes at this age, and how well the discriminator tells the two kinds apart."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown("**Where the discriminator pushes**")
        show(look, [field(look)], f"field:{look.run.name}", False)
    with right:
        st.markdown(
            "Each arrow, from its dot, is the slope of the discriminator's score: all that the generator is "
            "ever told. Where there is no slope, it learns nothing; where the slope turns, it circles."
        )
        gan = look.predictor
        made = reading.made_points(look, 400)
        with torch.no_grad():
            real = gan.score(reading.target_of(look).held[:400])
            fake = gan.score(made)
        cut = 0.0 if look.settings.objective == "gan" else float(torch.cat([real, fake]).median())
        right_of = 50 * float((real > cut).float().mean() + (fake <= cut).float().mean())
        st.metric("Told apart by the discriminator", f"{right_of:z.0f} of 100", help="50 is guessing.")
        spread = [float(made[:, i].std()) for i in range(2)]
        st.metric(
            "Spread of made-up points", f"{spread[0]:z.2f} × {spread[1]:z.2f}", help="Standard deviations."
        )


def field(look: Look) -> dict[str, Any]:
    """The discriminator's map with arrows on a grid."""
    edge = mixtures.EDGE * 0.93
    line = torch.linspace(-edge, edge, 17)
    grid = torch.cartesian_prod(line, line)
    return {
        "told": f"step {look.step:,}",
        "belief": film.bytes_of(belief(look.predictor, look.settings.objective)),
        "made": film.shorts(grid.numpy()),
        "pull": film.shorts(pulls(look.predictor, grid).numpy()),
    }

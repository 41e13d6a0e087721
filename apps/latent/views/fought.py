"""The duel held against fitted mixtures, and where it breaks: no penalty."""

import streamlit as st
import torch

from apps.latent import controls, duel, film, measured, reading
from apps.latent.reading import Look
from apps.latent.views import duel as fight
from apps.latent.views import shared
from apps.studio import background_work
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import training_buttons
from envs.engine import palette
from sandbox.task import Baseline

NAMES = {"smooth": "R1 penalty", "wasserstein": "WGAN-GP", "unbridled": "no penalty"}


def compare(look: Look, other: Baseline | None) -> None:
    """The generator beside a mixture and a single Gaussian."""
    figures = reading.figures_of(look)
    target = reading.target_of(look)
    scores = [shared.score(f"this generator, step {look.step:,}", figures, "test_mixed", palette.MODEL, 100)]
    if other is not None:
        scores.append(shared.score(other.name, other.metrics, "test_mixed", factor=100))
    single = background_work.ask(
        ("latent one gaussian", look.source.key),
        lambda: duel.judged(
            target, target.held[: duel.COMPARED], duel.fitted(target.known, 1, duel.COMPARED)
        ),
    )
    if single is not None:
        scores.append(shared.score("one Gaussian", single, "test_mixed", factor=100))
    scores += shared.others(look, ["latent/duel"], "test_mixed", 100)
    show_scores(
        scores,
        x_title="of 100 points, those whose nearest neighbour is of the other kind; 50: nobody can tell",
        alt="; ".join(f"{score.name} {score.mean:z.0f}" for score in scores),
        best_of=50.0,
        key="latent:compare:scores",
    )
    st.caption(
        f"{duel.COMPARED:,} made-up and as many held-out points, intervals over points. A mixture of "
        "Gaussians is what these points are, so it wins; a generator needs no such knowledge."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**This generator**")
        fight.show(look, [fight.frame(look, look.predictor, look.step)], f"compare:{look.run.name}", False)
    with right:
        st.markdown("**One Gaussian**")
        drawn = duel.fitted(target.known, 1, fight.POINTS)
        plain = {
            "told": "the mean and spread of all points",
            "belief": film.bytes_of(torch.full((fight.SIDE**2,), 0.5).numpy()),
            "made": film.shorts(drawn.numpy()),
        }
        _beside(look, plain)


def _beside(look: Look, plain: dict[str, str]) -> None:
    from apps.latent import mixtures

    target = reading.target_of(look)
    film.show_duel(
        {
            "token": f"gaussian:{look.source.key}",
            "film": "gaussian",
            "begin": False,
            "frames": [plain],
            "real": film.shorts(target.held[: fight.REAL].numpy()),
            "side": fight.SIDE,
            "edge": mixtures.EDGE,
            "hues": {"real": palette.TRUTH, "made": palette.MODEL},
            "alt": "Real points, and points drawn from one Gaussian",
        },
        key="latent:duel:gaussian",
    )


def limits(look: Look, other: Baseline | None) -> None:
    """What happens without a penalty, measured beforehand, and by oneself."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        chosen = st.select_slider(
            "Penalty",
            [0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
            0.0,
            key="latent:limits:penalty",
            help="Weight of what holds the discriminator's slope down at the real points (R1).",
        )

        def argv() -> list[str]:
            words = ["latent/duel", "--penalty", str(chosen)]
            return words if look.data is None else [*words, "--data", look.data]

        st.button(
            f"Train with {chosen:g}",
            key="latent:limits:train",
            on_click=training_buttons.start,
            args=(controls.PAGE, argv),
            help="A few seconds; then look at Try.",
        )
        st.caption(
            "Without a penalty a sharp discriminator pushes all made-up points to one heap, then to the "
            "next: modes are lost, or chased in circles. With a large one it hardly learns."
        )
    with right:
        show_scores(
            [
                Score(
                    name=f"{NAMES[name]}, {_found(found)} of 8 heaps",
                    mean=100 * mean,
                    low=100 * low,
                    high=100 * high,
                    color=palette.DANGER if not penalty else palette.MODEL,
                )
                for name, penalty, found, mean, low, high in measured.MODES
            ],
            x_title="of 100 made-up points, those on a heap, with the 95 % interval over seeds",
            alt="; ".join(f"{NAMES[row[0]]} {100 * row[3]:z.0f}" for row in measured.MODES),
            key="latent:limits:modes",
        )
        st.caption(
            f"Measured beforehand on the ring (*synthetic*), {len(measured.MODES[0][2])} seeds each. Again "
            "with `python -m apps.latent.bench modes`."
        )


def _found(counts: tuple[int, ...]) -> str:
    return str(counts[0]) if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"

"""Has a generator copied? The nearest training picture of each generated one, and figures of real ones."""

from functools import partial

import streamlit as st
import torch

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.outputs.image import picture_of
from apps.studio.page.run_view import RunView
from sandbox.metrics.feature_classifier import feature_classifier
from sandbox.tasks.families.generation import SETS

TITLE = "Has it copied?"
ORDER = 70
SHOWN = 14


def fits(view: RunView) -> bool:
    """Whether it generates pictures."""
    return view.predictor.input.kind == "noise" and view.predictor.output.kind == "image"


def show(page: str, view: RunView) -> None:
    """Draw generated pictures, the nearest training picture below each, and the figures of real ones."""
    st.markdown(
        "Generated pictures, and below each the nearest one of its training",
        help="By distance of pixels, which is the number. A copy would look the same.",
    )
    made, known = view.predictor.made(SHOWN), view.split.train.inputs
    found = torch.cdist(made.flatten(1), known.flatten(1)).min(1)
    gallery([Picture(picture_of(view, one), alt="Generated") for one in made], key=f"{page}:copied", size=54)
    gallery(
        [
            Picture(picture_of(view, known[i]), f"{apart:z.1f}", alt="Nearest training picture")
            for i, apart in zip(found.indices, found.values.tolist(), strict=True)
        ],
        key=f"{page}:copied:from",
        size=54,
    )
    real = view.later("real pictures", partial(real_figures, view))
    if real is None:
        st.caption("Real pictures are being tested …")
        return
    frechet, score, accuracy = real
    st.caption(
        f"For comparison, real training pictures have a Fréchet distance of {frechet:z.2f} to unseen ones, "
        f"and a score of {score:z.2f} of {len(view.split.class_names)}. The classifier behind both figures "
        f"reads {100 * accuracy:z.0f} % of unseen {view.things} correctly. The figures are means over {SETS} "
        f"sets of {len(view.split.test)}. If a generator repeats itself, the distance shows it; the score "
        "does not."
    )


def real_figures(view: RunView) -> tuple[float, float, float]:
    """Fréchet distance and score of training pictures, and the accuracy of the classifier."""
    known, size = view.split.train.inputs.flatten(1), len(view.split.test)
    generator = torch.Generator().manual_seed(0)
    sets = [known[torch.randperm(len(known), generator=generator)[:size]] for _ in range(SETS)]
    classifier = feature_classifier(view.split.images)
    scores = classifier.scores(sets)
    return scores["frechet"].mean, scores["score"].mean, classifier.accuracy

"""Repaired photos: before and after under a divider, decibels beside those of the baselines, a download."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from apps.studio import background_work
from apps.studio.browser.before_after import before_after
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs.damaged_photo import as_large, detail
from apps.studio.outputs.grades import Grades, by_metric
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView
from sandbox.metrics.fidelity import psnr, ssim
from sandbox.tasks.outputs.repaired_photo import png
from sandbox.tasks.repairer import Untouched

SHOWN, SIDE, SAMPLES = 6, 64, 12
"""Photos that are compared, pixels of the side of what is shown of each, and unseen photos in a row."""
TRUTH = "original"


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the answer under a divider with what it is compared with, figures, and a download."""
    others = _others(view, given)
    before = before_of(view)
    choices = [before, *([] if given.target is None else [TRUTH]), *_apart(view, others)]
    chosen = st.segmented_control(
        "Left of the divider",
        choices,
        default=before,
        required=True,
        key=f"{page}:left:{len(choices)}",
        format_func=lambda name: name[:1].upper() + name[1:],
    )
    if chosen == TRUTH:
        left = given.target
    else:
        left = given.value if others is None or chosen not in others else others[str(chosen)]
    pair = [png(as_large(each, np.shape(answer))) for each in (left, answer)]
    _, height, width = np.shape(answer)
    before_after(*pair, key=f"{page}:pair", size=(width, height), names=(str(chosen).capitalize(), "Network"))
    _figures(view, given, answer, others)
    st.download_button(
        "Repaired photo (PNG)",
        pair[1],
        file_name="repaired.png",
        mime="image/png",
        icon=":material/download:",
        key=f"{page}:png",
    )


def _apart(view: RunView, others: dict[str, Any] | None) -> list[str]:
    """Names of the answers that are not the damaged photo again."""
    return [name for name in others or {} if not isinstance(view.baselines[name], Untouched)]


def _others(view: RunView, given: ChosenInput) -> dict[str, Any] | None:
    """What each baseline makes of the photo; None while they are at work."""
    value = np.asarray(given.value)

    def answer() -> dict[str, Any]:
        return {name: one.predict(value[None])[0] for name, one in view.baselines.items()}

    # They are the same at every age.
    return background_work.ask(("others", *view.data_key, mark(value)), answer)


def before_of(view: RunView) -> str:
    """What the input is called."""
    return "small photo" if view.predictor.input.damage.factor > 1 else "damaged photo"


def mark(value: Any) -> str:
    """The same for the same photo."""
    return hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()[:16]


def _figures(view: RunView, given: ChosenInput, answer: Any, others: dict[str, Any] | None) -> None:
    truth = given.target
    if truth is None:
        st.caption("Nobody knows what this photo should look like, so there are no figures. Look at it.")
        return
    key = f"{mark(given.value)} {mark(answer)}"
    names = {"Network": answer, **(others or {})}
    found = kept(
        ("fidelity", key, len(names)),
        lambda: {name: (psnr(truth, one), ssim(truth, one)) for name, one in names.items()},
    )
    metric = view.task.metric
    said = [
        f"{'**' * (name == 'Network')}{name} {metric.text(value[0])}{'**' * (name == 'Network')}"
        for name, value in found.items()
    ]
    st.markdown(" · ".join(said), help=metric.help)
    like = ", ".join(f"{name} {value[1]:z.3f}" for name, value in found.items())
    st.caption(f"Structural similarity, at most 1: {like}." + " The others are at work …" * (others is None))


def grades(view: RunView) -> Grades:
    """Every unseen photo by its decibels; the worst again only where a row does not show all."""
    found = by_metric(view, "Worst answers")
    return found if len(view.test) > SAMPLES else replace(found, worst=found.worst[:0], summary="")


def compare(page: str, view: RunView) -> None:
    """Draw details of unseen photos: as they were, damaged, and repaired by the network and each baseline."""
    found = view.later("compared photos", lambda: _details(view))
    if found is None:
        st.caption("The baselines are at work …")
        return
    st.caption(f"The middle {SIDE} x {SIDE} pixels of unseen {view.things}")
    for number, (title, pictures) in enumerate(found.items()):
        st.markdown(f"**{title[:1].upper()}{title[1:]}**")
        gallery(
            [Picture(picture, alt=title) for picture in pictures], key=f"{page}:compared:{number}", size=110
        )


def _details(view: RunView) -> dict[str, list[Any]]:
    """Rows of details by title."""
    some = view.test.some(SHOWN)
    rows = {
        "original": some.targets,
        before_of(view): some.inputs,
        "network": view.predictor.predict(some.inputs),
    }
    rows |= {name: one.predict(some.inputs) for name, one in view.baselines.items()}
    shape = np.shape(some.targets)[1:]
    return {name: [detail(as_large(each, shape), SIDE) for each in one] for name, one in rows.items()}

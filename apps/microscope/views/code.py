"""What looks into the network, and a script that measures it with the same filters off."""

import streamlit as st

from apps.microscope.views.network import is_cnn, switched
from apps.studio.page import downloads
from apps.studio.page.run_view import RunView
from apps.studio.page.source_code import show_python, show_source
from sandbox import explain
from sandbox.runs import Run

TITLE = "What looks into it"
ORDER = 60
fits = is_cnn


def show(page: str, view: RunView) -> None:
    """Draw the functions of `sandbox.explain`, and the script if filters are off."""
    off = switched(page, view)
    if any(off.values()):
        st.markdown("**A script** that also measures it with the filters off that are off under *Inside*:")
        show_python(script(view.run, off))
    for title, part in {
        "Grad-CAM": explain.grad_cam,
        "Saliency": explain.saliency,
        "Filters switched off": explain.switched_off,
        "Receptive fields": explain.fields,
        "One pixel taken apart": explain.pixel,
    }.items():
        show_source(part, f"**{title}**, `sandbox/explain.py`:")


def script(run: Run, off: dict[int, list[int]]) -> str:
    """A Python script that trains a run again and measures it on unseen pictures, with filters off.

    Args:
        run: of a task whose network is a CNN.
        off: numbers of filters by convolution.
    """
    filters = {stage: sorted(numbers) for stage, numbers in off.items() if numbers}
    trained = downloads.script(run)
    images, labels = "data.test_images", "data.test_labels"
    if "\nmodel = " not in trained:
        trained += "\nmodel = training.predictor.model\n"
        images, labels = "split.test.inputs", "split.test.targets"
    return (
        trained
        + f"""

# The same with and without some filters.
import torch

from sandbox.explain import switched_off

OFF = {filters!r}  # numbers of filters by convolution, both from 0

for name, some in (("all on", {{}}), ("some off", OFF)):
    with switched_off(model.eval(), some), torch.inference_mode():
        correct = model({images}).argmax(1) == {labels}
    print(json.dumps({{"filters": name, "correct": correct.double().mean().item()}}))
"""
    )

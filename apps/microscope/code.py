"""Code: what looked into the network, and a script that comes to the same figures."""

import shlex
from typing import TYPE_CHECKING

import streamlit as st

from apps.components import report
from apps.components.source import show_python, show_source
from apps.microscope import attempt
from sandbox import explain
from sandbox.runs import Run

if TYPE_CHECKING:
    from apps.start.reading import Look


def show(look: "Look") -> None:
    """Draw the tab."""
    off = attempt.switched(look)
    st.markdown("**This network**, from the command line:")
    st.code("sandbox " + shlex.join(report.command(look.run)), language="bash")
    st.markdown("**A script** that trains it again and measures it with the same filters off as here:")
    show_python(script(look.run, off))
    for title, part in {
        "Grad-CAM": explain.grad_cam,
        "Saliency": explain.saliency,
        "Filters switched off": explain.switched_off,
        "Receptive fields": explain.fields,
        "One pixel taken apart": explain.pixel,
    }.items():
        st.markdown(f"**{title}**, `sandbox/explain.py`:")
        show_source(part)


def script(run: Run, off: dict[int, list[int]]) -> str:
    """A Python script that trains a run again and measures it on what is held out, with filters off.

    Args:
        run: of `vision/classify`.
        off: numbers of filters by convolution.
    """
    filters = {stage: sorted(numbers) for stage, numbers in off.items() if numbers}
    trained = report.script(run)
    if "\nmodel = " not in trained:
        trained += "\nfrom apps.vision.classify import load_data\n\n"
        trained += "model, data = learner.model, load_data(SETTINGS, DATA)\n"
    return (
        trained
        + f"""

# The same with and without some filters.
from apps.vision.figures import outcome
from sandbox.explain import switched_off

OFF = {filters!r}  # numbers of filters by convolution, both from 0

for name, some in (("all on", {{}}), ("some off", OFF)):
    with switched_off(model.eval(), some):
        right = outcome(model, data.test_images, data.test_labels)[1]
    print(json.dumps({{"filters": name, "right": right.double().mean().item()}}))
"""
    )

"""Code: what looked into the network, and a script that comes to the same figures."""

import inspect
import shlex
from typing import TYPE_CHECKING

import streamlit as st

from apps.components import report
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
    st.code(script(look.run, off), language="python")
    for title, part in {
        "Grad-CAM": explain.grad_cam,
        "Saliency": explain.saliency,
        "Filters switched off": explain.switched_off,
        "Receptive fields": explain.fields,
        "One pixel taken apart": explain.pixel,
    }.items():
        st.markdown(f"**{title}**, `sandbox/explain.py`:")
        st.code(inspect.getsource(part), language="python")


def script(run: Run, off: dict[int, list[int]]) -> str:
    """A Python script that trains a run again and measures it on what is held out, with filters off.

    Args:
        run: of `vision/classify`.
        off: numbers of filters by convolution.
    """
    filters = {stage: sorted(numbers) for stage, numbers in off.items() if numbers}
    return f'''"""Train the network of {run.name} again, then measure it with and without some filters."""

import json
import subprocess
import sys

from apps.vision.classify import TASK, load_data, outcome
from sandbox.explain import switched_off
from sandbox.runs import Run
from sandbox.task import load_predictor, settings_from

OFF = {filters!r}  # numbers of filters by convolution, both from 0

command = [sys.executable, "-m", "sandbox.cli", *{report.command(run)!r}, "--json"]
done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
run = Run.open(json.loads(done.stdout.decode().splitlines()[-1])["run"])
data = load_data(settings_from(TASK, run.config["settings"]), run.config.get("data"))
model = load_predictor(run).model
for name, filters in (("all on", {{}}), ("some off", OFF)):
    with switched_off(model.eval(), filters):
        right = outcome(model, data.test_images, data.test_labels)[1]
    print(json.dumps({{"filters": name, "right": right.double().mean().item()}}))
'''

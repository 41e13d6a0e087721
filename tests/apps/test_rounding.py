"""Figures keep what counts of them when they are rounded."""

import re
from pathlib import Path

import pytest

from apps.studio import wording
from apps.studio.charts.curves import Curve, chart
from apps.studio.page.curve import Axis, _curve, on_the_way
from sandbox.metrics.classification import ACCURACY

APPS = Path(wording.__file__).parents[1]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.0167, "0.017"),  # random actions on the frozen lake
        (0.74, "0.74"),
        (-0.04, "-0.04"),
        (-1.25, "-1.2"),
        (21.96, "22.0"),
        (350.3, "350.3"),
        (12_345.6, "12,346"),
    ],
)
def test_a_figure_is_never_rounded_to_nothing(value, said):
    assert wording.figure(value) == said


def labels(curve):
    shown = chart([curve], [], x_title="step", y_title="error").to_dict()
    return [row["label"] for rows in shown["datasets"].values() for row in rows if "label" in row]


def test_a_curve_says_what_is_below_its_axis():
    axis = Axis(ACCURACY)
    rows = [{"step": 0, "accuracy": 0.5}, {"step": 1, "accuracy": 1.0}]
    curve = _curve(rows, "training", "accuracy", axis, "light")
    assert labels(curve) == ["training 0.0 %"]
    rows = [
        row for rows in chart([curve], x_title="", y_title="").to_dict()["datasets"].values() for row in rows
    ]
    assert [(row["y"], row["value"]) for row in rows if row.get("kind") == "curve"] == [
        (50.0, 50.0),
        (axis.floor, 0.0),
    ]


def test_nothing_is_minus_zero():
    assert labels(Curve(name="explained", x=[0, 1], y=[5.0, -0.03], format=".1f")) == ["explained 0.0"]
    lacking = [
        f"{path.relative_to(APPS)}: {found}"
        for path in APPS.rglob("*.py")
        if not path.name.endswith("bench.py") and path.name not in ("times.py", "shots.py")
        for found in re.findall(r":,?\.\df\}", path.read_text(encoding="utf-8"))
    ]
    assert not lacking, "z in a number's format makes -0.0 a 0.0"


def test_a_curve_does_not_jump_to_the_figures_of_the_whole():
    rows = [
        {"step": 0, "test_completion": 0.1},
        {"step": 9, "test_completion": 0.42},
        {"step": 9, "test_completion": 0.38, "test_completion_low": 0.36, "test_completion_high": 0.4},
    ]
    assert [row["test_completion"] for row in on_the_way(rows, "test_completion")] == [0.1, 0.42]

"""What the terminal shows: nothing that counts is rounded away, nothing that matters is cut off."""

import io

import pytest
from rich.console import Console

from sandbox import progress_view
from sandbox.progress import Progress
from sandbox.progress_view import ProgressView
from sandbox.terminal import figure, share


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0148, "0.015"),
        (-0.0004, "-0.00040"),
        (0.999, "1.00"),
        (0.5, "0.50"),
        (-0.0, "0.00"),
        (0.0, "0.00"),
        (487.333, "487.33"),
        (12345.678, "12,345.68"),
        (3e-9, "3.0e-09"),
        (float("nan"), "nan"),
    ],
)
def test_nothing_is_rounded_to_nothing(number, text):
    assert figure(number) == text


def test_shares():
    said = [share(part) for part in (0.0, 0.0002, 0.001, 0.5, 0.9998, 1.0)]
    assert said == ["0.0 %", "<0.1 %", "0.1 %", "50.0 %", ">99.9 %", "100.0 %"]


@pytest.mark.parametrize("width", [40, 64, 80, 100, 120, 200])
def test_a_narrow_bar_keeps_the_score(monkeypatch, width):
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    monkeypatch.setattr(progress_view, "console", lambda stderr: console)
    monkeypatch.setattr(progress_view, "REFRESH", 0.0)
    metrics = {"eval_return": 487.3, "eval_low": 480.1, "eval_high": -0.0}
    with ProgressView("cartpole-001", ("eval_return",)) as view:
        for step in (1024, 123_456):
            view.show(Progress(step, 200_000, "step", metrics))
        shown = screen.getvalue()
    score = "487.3 [480.1, 0]"
    assert score in shown if width >= 64 else "487.3" in shown, shown
    assert ("123,456/200,000" in shown) == (width >= 64)

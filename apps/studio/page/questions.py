"""What answers the questions of a lesson: each function runs something with the page's own network.

A function takes the view and the question's arguments, and returns a number in the unit that the page shows.
It runs in the background, without Streamlit. A page may have functions of its own, in its `questions.py`.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from apps.studio.page.learn import APPS, Question
from apps.studio.page.page import Page
from apps.studio.page.run_view import RunView
from sandbox.corruptions.found import corruptions_of
from sandbox.errors import UserError
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.split import Examples

MEASURED = 600
"""Unseen examples that are measured."""


def answer_of(page: Page, question: Question) -> Callable[[Any], float]:
    """What answers a question when given a view: the page's own function of that name, or one of these."""
    kind = str(question.run["kind"])
    own = (APPS / page.name / "questions.py").is_file()
    found = getattr(importlib.import_module(f"apps.{page.name}.questions"), kind, None) if own else None
    arguments = {name: value for name, value in question.run.items() if name != "kind"}
    return functools.partial(found or globals()[kind], **arguments)


def corruption(view: RunView, name: str, amount: float) -> float:
    """The main figure on unseen inputs that are spoilt by an amount."""
    offered = corruptions_of(view.predictor.input)
    if name not in offered:
        raise UserError(f"There is no corruption {name!r} of {view.predictor.input.kind} inputs.")
    some = view.split.test.some(MEASURED)
    return _main(view, view.predictor, offered[name].spoil(view.task, view.settings, some, amount))


def age(view: RunView, share: float) -> float:
    """The main figure at an earlier age, the kept checkpoint nearest to a share (0 to 1) of the training."""
    steps = view.run.checkpoints()
    step = min(steps, key=lambda step: abs(step - share * steps[-1]))
    younger = view.aged(step)
    assert younger is not None
    return _main(view, younger.predictor, view.split.test.some(MEASURED))


def baseline(view: RunView) -> float:
    """The main figure of the first baseline."""
    return _main(view, next(iter(view.baselines.values())), view.split.test.some(MEASURED))


def ahead(view: RunView) -> float:
    """By how much the network is ahead of the first baseline in the main figure; negative if it is behind."""
    sign = 1 if view.task.metric.higher_is_better else -1
    some = view.split.test.some(MEASURED)
    return sign * (_main(view, view.predictor, some) - baseline(view))


def gained(view: RunView, share: float) -> float:
    """How much of what the training brought was there after a share (0 to 1) of it, in per cent."""
    first, young, now = age(view, 0.0), age(view, share), age(view, 1.0)
    return 100 * (young - first) / (now - first) if now != first else 100.0


def figure(view: RunView, name: str, scale: float = 1.0) -> float:
    """Another figure of the network, times `scale`."""
    return scale * view.task.measure(view.predictor, view.split.test.some(MEASURED))[name].mean


def parameters(view: RunView) -> float:
    """How many numbers the network learned."""
    model: Any = getattr(view.predictor, "model", None)
    if model is None:
        raise UserError("This network does not say how many numbers it has.")
    return float(sum(parameter.numel() for parameter in model.parameters()))


def _main(view: RunView, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> float:
    metric = view.task.metric
    return metric.scale * view.task.measure(predictor, examples)[metric.name].mean

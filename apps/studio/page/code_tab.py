"""Code: the code that ran, and a script that comes to the same figure."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from apps.studio.page import reproduce
from apps.studio.page.inside_tab import find
from apps.studio.page.page import Page
from apps.studio.page.run_view import RunView
from apps.studio.page.source_code import show_source

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown


def show(shown: Shown) -> None:
    """Draw the tab."""
    view, page = shown.view, shown.page
    assert view is not None
    reproduce.show(view.run)
    show_parts(page, view)


def show_parts(page: Page, view: RunView) -> None:
    """Draw the code that ran, and the page's own views of code."""
    for title, part in parts(view):
        show_source(part, f"**{title}**, `{path_of(part)}`:")
    for name in page.code:
        find(page, name).show(page.name, view)


def parts(view: RunView) -> Iterator[tuple[str, Any]]:
    """What ran: the network's blocks, one step of learning, how they come together, and the test."""
    model = getattr(view.predictor, "model", None)
    seen: set[type] = set()
    for module in model.modules() if model is not None else ():
        kind = type(module)
        if kind.__module__.startswith("sandbox.blocks.") and kind not in seen:
            seen.add(kind)
            yield f"The block {kind.__name__}", kind
    for learner in _learners(type(view.task)):
        yield f"One step of learning, {learner.__name__}", learner.step
    for part in view.task.code:
        yield f"{part.__name__.replace('_', ' ').strip().capitalize()}", part
    yield "How data, network and learner come together", type(view.task).prepare
    yield "How it is tested", type(view.task).measure


def _learners(task: type) -> Sequence[Any]:
    """The learners that a task's files import."""
    names = [value for base in task.__mro__ for value in vars(sys.modules[base.__module__]).values()]
    learners = [
        value
        for value in names
        if isinstance(value, type)
        and value.__module__.startswith("sandbox.training.")
        and hasattr(value, "model_state")
        and not getattr(value, "_is_protocol", False)
    ]
    return list(dict.fromkeys(learners))


def path_of(part: Any) -> str:
    """Its file, as seen from the repository."""
    return part.__module__.replace(".", "/") + ".py"

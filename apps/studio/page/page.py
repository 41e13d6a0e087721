"""What a page says of itself: names only, so that the navigation reads it without streamlit or torch."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

NEEDS = ("torch", "apps.studio.page.run_view")
"""Heavy modules without which nothing of a network is shown."""
DRAW = "apps.studio.page.draw"
"""What draws a page of tasks."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page about one task or several; everything that is not said here follows from the tasks.

    Attributes:
        name: the page's folder in `apps/`; its address is `/name`.
        title: its entry in the sidebar.
        question: what a person would ask; the heading.
        section: heading in the sidebar; empty for pages above all sections.
        order: place in the sidebar.
        icon: a Material symbol, `:material/name:`.
        tasks: what it trains; a menu if there are several, the first one by default.
        settings: that stand in the first row; all others stand under *More*.
        try_view: views in the place of the tab Try, by name, for what no input and output of a kind shows;
            the first one that fits the network.
        inside: views of the tab Inside by name, files of `apps/studio/inside/` or of the page's own `views/`,
            of which those are shown that fit the network; by default all of the studio's that fit.
        compare: further views below the scores of the tab Compare, by name: files of `apps/studio/compare/`
            or of the page's own `views/`.
        code: further views below the code of the tab Code, by name.
        limits: corruptions and views of the tab Limits by name; by default all corruptions of its inputs.
        sketches: whether one can draw while there is no network yet; what one draws stays.
        begins: words behind `sandbox train` that the page begins with by itself; by default its first task.
            Options alone (`--block all`) are for each of its tasks.
        instrument: module with a `main()` that draws the whole page, where it is no page of tasks, and with
            `TABS`, the names of its tabs.
        needs: further heavy modules that the page waits for, see `waits_for`.
    """

    name: str
    title: str
    question: str
    section: str = ""
    order: int = 1000
    icon: str = ":material/widgets:"
    tasks: Sequence[str] = ()
    settings: Sequence[str] = ()
    try_view: Sequence[str] = ()
    inside: Sequence[str] = ()
    compare: Sequence[str] = ()
    code: Sequence[str] = ()
    limits: Sequence[str] = ()
    sketches: bool = False
    begins: Sequence[str] = ()
    instrument: str = ""
    needs: Sequence[str] = ()

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Heavy modules without which only the frame is drawn; imported in the background, see `live`."""
        modules = [f"apps.{task.replace('/', '.')}" for task in self.tasks]
        return (*(NEEDS if self.tasks else ()), *modules, *self.needs)

    @property
    def tabs(self) -> tuple[str, ...]:
        """Names of its tabs, the default one first: `TABS` of what draws it; none of a page without tabs."""
        return tuple(getattr(importlib.import_module(self.instrument or DRAW), "TABS", ()))

    def show(self) -> None:
        """Draw the page; what a page's file does when the studio runs it."""
        if self.instrument:
            importlib.import_module(self.instrument).main()
        else:
            importlib.import_module(DRAW).show(self)

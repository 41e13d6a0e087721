"""Inside: what the network does with this very input; views found by what the network is made of."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import streamlit as st

from apps.studio import inside
from apps.studio.page.page import Page
from apps.studio.page.run_view import RunView

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown

APPS = Path(__file__).resolve().parents[2]


def show(shown: Shown) -> None:
    """Draw the tab: a menu of views if there are several, and the chosen one."""
    view, page = shown.view, shown.page
    assert view is not None
    views = views_for(page, view)
    if not views:
        st.caption("There is no view into a network of this kind yet.")
        return
    name = next(iter(views))
    if len(views) > 1:
        name = st.segmented_control(
            "View",
            list(views),
            default=name,
            required=True,
            format_func=lambda name: views[name].TITLE,
            key=f"{page.name}:inside",
            label_visibility="collapsed",
        )
    views[str(name)].show(page.name, view)


def views_for(page: Page, view: RunView) -> dict[str, ModuleType]:
    """Those that fit of the views that the page names, or of all the studio's, in their order."""
    if page.inside:
        return fitting(page, page.inside, view)
    every = fitting(page, [info.name for info in pkgutil.iter_modules(inside.__path__)], view)
    return dict(sorted(every.items(), key=lambda item: item[1].ORDER))


def fitting(page: Page, names: Sequence[str], view: RunView) -> dict[str, ModuleType]:
    """Views by name that fit; each module has `TITLE`, `fits(view)` and `show(page, view)`."""
    every = {name: find(page, name) for name in names}
    return {name: module for name, module in every.items() if module.fits(view)}


def find(page: Page, name: str) -> ModuleType:
    """A view by name: the page's own, or one of the studio's."""
    if (APPS / page.name / "views" / f"{name}.py").is_file():
        return importlib.import_module(f"apps.{page.name}.views.{name}")
    room = "compare" if (APPS / "studio" / "compare" / f"{name}.py").is_file() else "inside"
    return importlib.import_module(f"apps.studio.{room}.{name}")

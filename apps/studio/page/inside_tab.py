"""Inside: what the network does with this very input; views found by what the network is made of."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING

import streamlit as st

from apps.studio import inside
from apps.studio.page.page import Page
from apps.studio.page.run_view import RunView

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown


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
    """The views that fit, of those that the page names or of all; modules have `TITLE`, `fits` and `show`."""
    if page.inside:
        return fitting(page, page.inside, view)
    every = {info.name: find(page, info.name) for info in pkgutil.iter_modules(inside.__path__)}
    found = {name: module for name, module in every.items() if module.fits(view)}
    return dict(sorted(found.items(), key=lambda item: item[1].ORDER))


def fitting(page: Page, names: Iterable[str], view: RunView) -> dict[str, ModuleType]:
    """Those of the named views that fit the run."""
    found = {name: find(page, name) for name in names}
    return {name: module for name, module in found.items() if module.fits(view)}


def find(page: Page, name: str) -> ModuleType:
    """A view by name: the page's own, or one of the studio's."""
    own = f"apps.{page.name}.views.{name}"
    if importlib.util.find_spec(f"apps.{page.name}.views") and importlib.util.find_spec(own):
        return importlib.import_module(own)
    return importlib.import_module(f"apps.studio.inside.{name}")

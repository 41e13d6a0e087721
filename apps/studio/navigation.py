"""Pages found from folders: every `apps/<domain>/page.py` has a `PAGE` that says where it belongs."""

import importlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.studio.page.page import Page

APPS = Path(__file__).resolve().parent.parent
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """A page in the sidebar.

    Attributes:
        page: what it says of itself; of a broken file only its name.
        path: its file.
        help: the first line of the file's docstring, shown when the pointer rests on the entry.
    """

    page: Page
    path: Path
    help: str


def find_pages() -> list[Entry]:
    """Every page, in the order of the sidebar.

    A file that cannot be imported is still listed, under its folder's name and last: opening it shows its own
    error instead of taking the whole studio down.
    """
    found = [_entry(path) for path in APPS.glob("*/page.py")]
    return sorted(found, key=lambda entry: (entry.page.order, entry.page.title))


def page_of(name: str) -> Page:
    """The page of a folder.

    Raises:
        Exception: whatever importing its file raises.
    """
    return importlib.import_module(f"apps.{name}.page").PAGE


def by_section(entries: list[Entry]) -> dict[str, list[Entry]]:
    """Pages under their sections; a section stands where its first page does."""
    sections: dict[str, list[Entry]] = {}
    for entry in entries:
        sections.setdefault(entry.page.section, []).append(entry)
    return sections


def _entry(path: Path) -> Entry:
    name = path.parent.name
    try:
        module: Any = importlib.import_module(f"apps.{name}.page")
        return Entry(module.PAGE, path, (module.__doc__ or "").split("\n", 1)[0])
    except Exception:
        _log.exception("the page %s cannot be imported", name)
        title = name.replace("_", " ").capitalize()
        return Entry(Page(name=name, title=title, question=title, tasks=()), path, "")

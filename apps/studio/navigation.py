"""Pages found from folders: every `apps/<domain>/page.py` has a `PAGE` that says where it belongs.

A task that no page names gets a page of its own, with all tabs that follow from the task.
"""

import importlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from apps.studio.page.page import Page
from sandbox import registry

APPS = Path(__file__).resolve().parent.parent
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """A page in the sidebar.

    Attributes:
        page: what it says of itself; of a broken file only its name.
        path: its file; None for the page of a task that no page names.
        help: the first line of the file's docstring, shown when the pointer rests on the entry.
    """

    page: Page
    path: Path | None
    help: str


def find_pages() -> list[Entry]:
    """Every page, in the order of the sidebar.

    A file that cannot be imported is still listed, under its folder's name and last: opening it shows its own
    error instead of taking the whole studio down.
    """
    found = [_entry(path) for path in APPS.glob("*/page.py")]
    found += pages_of_tasks([entry.page for entry in found], registry.tasks())
    return sorted(found, key=lambda entry: (entry.page.order, entry.page.title))


@lru_cache(maxsize=256)
def file_of(task: str) -> str | None:
    """The file of the page that shows a task, as links take it; None if no file names it."""
    found = (entry for entry in find_pages() if task in entry.page.tasks)
    return next((f"{entry.page.name}/page.py" for entry in found if entry.path is not None), None)


def pages_of_tasks(pages: Sequence[Page], tasks: Iterable[registry.Entry]) -> list[Entry]:
    """A page for each task that no page names, without importing the task.

    Args:
        pages: all others; one with an instrument and no tasks shows all tasks of its folder.
        tasks: files with a `TASK`.
    """
    named = {task for page in pages for task in page.tasks}
    folders = {page.name for page in pages if page.instrument and not page.tasks}
    found = []
    for task in tasks:
        domain, _, stem = task.name.partition("/")
        if task.name in named or domain in folders:
            continue
        title = stem.replace("_", " ").capitalize()
        page = Page(
            name=f"{domain}_{stem}",
            title=title,
            question=registry.title_of(task.path) or title,
            section=domain.replace("_", " ").capitalize(),
            tasks=(task.name,),
        )
        found.append(Entry(page, None, task.about))
    return found


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

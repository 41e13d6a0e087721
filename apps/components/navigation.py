"""Pages found from folders: every `apps/<domain>/page.py` is one, and says by constants where it belongs."""

import ast
from dataclasses import dataclass
from pathlib import Path

APPS = Path(__file__).resolve().parent.parent
LAST = 1000
"""The `ORDER` of a page that names none: after all others."""


@dataclass(frozen=True, kw_only=True)
class PageInfo:
    """What the navigation shows of a page, read from its constants without importing it."""

    path: Path
    name: str
    """The folder's name; the page's address is `/name`."""
    title: str
    section: str
    """Heading in the sidebar; empty for pages above all sections."""
    icon: str
    """A Material symbol, `:material/name:`."""
    order: int
    help: str
    """Shown when the pointer rests on the entry: the first line of the page's docstring."""
    needs: tuple[str, ...] = ()
    """Heavy modules that the page waits for, see `components.live`."""


def read_page(path: Path) -> PageInfo:
    """Read `TITLE`, `SECTION`, `ICON`, `ORDER` and `NEEDS` of one page file.

    A file that does not parse is still listed, under its folder's name and last: opening it shows its own
    error instead of taking the whole studio down.
    """
    constants: dict[str, object] = {}
    help_text = ""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        tree = ast.Module(body=[], type_ignores=[])
    else:
        help_text = (ast.get_docstring(tree) or "").split("\n", 1)[0]
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Tuple):
            value = _plain(node.value)
            constants |= {target.id: value for target in node.targets if isinstance(target, ast.Name)}
    name = path.parent.name
    order, needs = constants.get("ORDER", LAST), constants.get("NEEDS")
    return PageInfo(
        path=path,
        name=name,
        title=str(constants.get("TITLE", name.replace("_", " ").capitalize())),
        section=str(constants.get("SECTION", "")),
        icon=str(constants.get("ICON", ":material/widgets:")),
        order=order if isinstance(order, int) else LAST,
        help=help_text,
        needs=tuple(map(str, needs)) if isinstance(needs, tuple) else (),
    )


def _plain(node: ast.Constant | ast.Tuple) -> object:
    """A constant, or a tuple of constants; what stands among them that is none is left out."""
    if isinstance(node, ast.Constant):
        return node.value
    return tuple(each.value for each in node.elts if isinstance(each, ast.Constant))


def find_pages(folder: Path = APPS) -> list[PageInfo]:
    """Every `<domain>/page.py` below `folder`, in the order the sidebar shows them."""
    pages = [read_page(path) for path in folder.glob("*/page.py")]
    return sorted(pages, key=lambda page: (page.order, page.title))


def by_section(pages: list[PageInfo]) -> dict[str, list[PageInfo]]:
    """Group pages under their sections; a section stands where its first page does."""
    sections: dict[str, list[PageInfo]] = {}
    for page in pages:
        sections.setdefault(page.section, []).append(page)
    return sections

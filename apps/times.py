"""How fast the studio answers, measured in Chromium: `python -m apps.times`, with `--json` for programs.

Three parts, on studios without any runs. Every page alone, on a server of its own that has come to rest: its
first content, the first learning that is seen on it, and its result. All pages one after the other, without
waiting for a training to end, as someone does who looks around. And the studio as a whole: a cold start, page
switches, frames of the player. Times begin with the click or the address and end when the words are on the
page; frames are counted when they are drawn. The machine must do nothing else.
"""

import argparse
import contextlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from apps.shots import PATIENCE, browsing, path_of, studio
from apps.studio import navigation
from apps.studio.background_imports import IDLE
from sandbox.errors import UserError
from sandbox.terminal import print_json

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LEARNING = re.compile(r"[1-9][\d,]* steps?\b")
"""What the last row of a page says once a training has taken its first step and the page has drawn it."""
AT_REST = 0.1
"""Share of a core below which the studio and the browser do nothing."""
SECONDS = 10
"""For which frames are counted."""
SWITCHES = (("Arena", "Can an agent"), ("Runs", "What has been"), ("Home", "Can a network"))

FRAMES = """async (seconds) => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("canvas.stage")) return element;
      const inner = element.shadowRoot && find(element.shadowRoot);
      if (inner) return inner;
    }
  };
  const stage = find(document), times = [], begin = performance.now();
  let shown = stage.dataset.shown;
  await new Promise((done) => {
    const look = (now) => {
      if (stage.dataset.shown !== shown) { shown = stage.dataset.shown; times.push(now); }
      if (performance.now() - begin < 1000 * seconds) requestAnimationFrame(look); else done();
    };
    requestAnimationFrame(look);
  });
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  return { rate: times.length / seconds, gap: Math.max(0, ...gaps) };
}"""
"""Frames that the player draws in so many seconds: how many a second, and the longest gap in milliseconds."""
CHANGED = (
    "before => { const title = document.querySelector('h1'); return title && title.innerText !== before; }"
)
"""Whether the page has another title than before."""


def measure(names: list[str], *, only: str = "") -> dict[str, dict[str, dict[str, float]]]:
    """All figures, or those of one page: seconds, but for frames per second and milliseconds between them.

    Args:
        names: of all pages, in the order of the sidebar.
        only: page to measure; empty for every part.

    Raises:
        UserError: playwright or Chromium is missing.
    """
    with browsing() as browser:
        alone = {name: _alone(browser, name) for name in names if only in ("", name)}
        if only:
            return {"alone": alone}
        return {
            "alone": alone,
            "one after the other": _walk(browser, names),
            "studio": {"all": _cold(browser)},
        }


def _alone(browser: "Browser", name: str) -> dict[str, float]:
    """One page on a server of its own, from its address to its result."""
    with _fresh(browser) as (page, address):
        _come_to_rest(page, address)
        begin = time.perf_counter()
        page.goto(f"{address}/{path_of(name)}")
        found = _until_it_learns(page, begin)
        if "first_learning" in found:
            _says(page, "done")
            found["result"] = time.perf_counter() - begin
            # The page's own word: how long the training took, without its process.
            if said := re.search(r"[\d.]+ (?:s|min)\b", page.locator(".st-key-state").inner_text()):
                found["page_says"] = _seconds(said[0])
    return found


def _walk(browser: "Browser", names: list[str]) -> dict[str, dict[str, float]]:
    """Every page from the sidebar; the next one as soon as learning is seen."""
    found = {}
    titles = {entry.page.name: entry.page.title for entry in navigation.find_pages()}
    with _fresh(browser) as (page, address):
        _come_to_rest(page, address)
        for name in names:
            before = page.get_by_role("heading", level=1).inner_text()
            last = page.locator(".st-key-footer")
            past = last.inner_text().partition(" · ")[0] if last.count() else None
            begin = time.perf_counter()
            page.get_by_test_id("stSidebarNav").get_by_role("link", name=titles[name], exact=True).click()
            page.wait_for_function(CHANGED, arg=before)
            found[name] = _until_it_learns(page, begin, past)
    return found


def _until_it_learns(page: "Page", begin: float, past: str | None = None) -> dict[str, float]:
    """Seconds to the title and to the first learning; *Train* is pressed where a page waits for it.

    Args:
        page: the window.
        begin: when it was opened.
        past: how the last row of the page before begins, which may stand there for a moment.
    """
    page.get_by_role("heading", level=1).wait_for()
    found = {"first_content": time.perf_counter() - begin}
    train = page.get_by_test_id("stMain").get_by_role("button", name="Train", exact=True)
    with contextlib.suppress(Exception):
        train.wait_for(timeout=10_000)
    if not train.count():
        return found  # nothing learns here
    if train.is_enabled():
        begin = time.perf_counter()
        train.click()
    footer = page.locator(".st-key-footer").filter(has_text=LEARNING)
    (footer.filter(has_not_text=past) if past else footer).first.wait_for()
    return {**found, "first_learning": time.perf_counter() - begin}


def _cold(browser: "Browser") -> dict[str, float]:
    """A server that has just been started, with Home as the first page; then switches and the player."""
    begin = time.perf_counter()
    with _fresh(browser) as (page, address):
        found = {"server_ready": time.perf_counter() - begin}
        begin = time.perf_counter()
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        found["first_content"] = time.perf_counter() - begin
        page.get_by_text("Mistakes").wait_for()
        found["first_prediction"] = time.perf_counter() - begin
        _says(page, "done")
        found["digits_learned"] = time.perf_counter() - begin
        found["page_switch"] = median(_switch(page, *target) for _ in range(5) for target in SWITCHES)
        return found | _watch(page)


@contextmanager
def _fresh(browser: "Browser") -> Iterator[tuple["Page", str]]:
    """A window, and a studio without runs."""
    with tempfile.TemporaryDirectory() as folder, studio(Path(folder) / "runs") as address:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE)
        yield page, address
        page.close()


def _come_to_rest(page: "Page", address: str) -> None:
    """Open a page that trains nothing, and wait until everything is imported that is imported in advance."""
    page.goto(f"{address}/runs")
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_timeout(1000 * (IDLE + 2))
    end = time.monotonic() + PATIENCE / 1000
    while (before := _spent()) is not None and time.monotonic() < end:
        page.wait_for_timeout(1500)
        after = _spent()
        if after is not None and after - before < 1.5 * AT_REST:
            return


def _spent() -> float | None:
    """Processor seconds of everything that this process has started and that still runs; None if unknown."""
    if not sys.platform.startswith("linux"):
        return None
    parents, ticks = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                # The name in brackets may hold spaces.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                parents[int(folder.name)], ticks[int(folder.name)] = (
                    int(fields[1]),
                    sum(map(int, fields[11:13])),
                )
    family = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in family and pid not in family}:
        family |= more
    return sum(ticks[pid] for pid in family - {os.getpid()}) / os.sysconf("SC_CLK_TCK")


def _says(page: "Page", state: str) -> None:
    page.locator(".st-key-state").get_by_text(state).first.wait_for()


def _seconds(words: str) -> float:
    number, unit = words.split()
    return float(number) * (60 if unit == "min" else 1)


def _switch(page: "Page", link: str, title: str) -> float:
    page.wait_for_timeout(1000)
    begin = time.perf_counter()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=link).click()
    page.get_by_role("heading", level=1, name=title).wait_for()
    return time.perf_counter() - begin


def _watch(page: "Page") -> dict[str, float]:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Arena").click()
    page.locator("canvas.stage").wait_for()
    page.wait_for_timeout(8000)
    frames = page.evaluate(FRAMES, SECONDS)
    return {"frames_per_second": frames["rate"], "longest_gap_ms": frames["gap"]}


def table(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    """The figures as text."""
    lines = []
    for part, rows in figures.items():
        columns = list(dict.fromkeys(column for row in rows.values() for column in row))
        widths = [max(8, len(column)) for column in columns]
        head = "  ".join(
            f"{column.replace('_', ' '):>{w}}" for column, w in zip(columns, widths, strict=True)
        )
        lines += [f"{part:<22}{head}"]
        for name, row in rows.items():
            cells = [f"{row[column]:.2f}" if column in row else "" for column in columns]
            lines.append(
                f"{name:<22}" + "  ".join(f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=True))
            )
        lines.append("")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; returns the exit status."""
    names = [entry.page.name for entry in navigation.find_pages()]
    parser = argparse.ArgumentParser(prog="python -m apps.times", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--only", default="", choices=["", *names], help="page to measure; every part by default"
    )
    options = parser.parse_args(arguments)
    try:
        figures = measure(names, only=options.only)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print_json(figures)
    else:
        print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

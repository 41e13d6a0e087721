"""How fast the studio answers, measured in Chromium: `python -m apps.times`.

Starts a studio of its own without runs. Times begin with the click or the address and end when the words are
on the page; frames are counted when they are drawn.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from apps.shots import PATIENCE, browsing, studio
from sandbox.errors import UserError

if TYPE_CHECKING:
    from playwright.sync_api import Page

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


def measure() -> dict[str, float]:
    """All figures: seconds, frames per second, and the longest gap between two frames in milliseconds.

    Raises:
        UserError: playwright or Chromium is missing.
    """
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        begin = time.perf_counter()
        with studio(Path(folder) / "runs") as address:
            found["server_ready"] = time.perf_counter() - begin
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(PATIENCE)
            begin = time.perf_counter()
            page.goto(address)
            page.get_by_role("heading", level=1).wait_for()
            found["first_content"] = time.perf_counter() - begin
            page.get_by_text("What it gets wrong").wait_for()
            found["first_prediction"] = time.perf_counter() - begin
            page.locator(".st-key-state").get_by_text("done").wait_for()
            found["digits_learned"] = time.perf_counter() - begin
            found["page_switch"] = median(_switch(page, *target) for _ in range(5) for target in SWITCHES)
            found |= _watch(page)
            page.close()
    return found


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


if __name__ == "__main__":
    try:
        print(json.dumps({name: round(value, 2) for name, value in measure().items()}))
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)

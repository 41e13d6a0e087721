"""The studio without its processes: pages run in this one, jobs are only written down."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from apps.components import background, warm
from sandbox import jobs
from sandbox.runs import Run

HOME = Path(__file__).parents[2] / "apps" / "home.py"


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """What the studio asked to be trained; nothing trains."""
    asked: list[list[str]] = []

    def start(argv: list[str], root: Path | None = None) -> Run:
        asked.append(argv)
        config = {"argv": ["train", *argv], "seed": 0}
        return Run.create(argv[0], config, root, state="queued", queued=float(len(asked)))

    monkeypatch.setattr(jobs, "start", start)
    monkeypatch.setattr(jobs, "warm", lambda: None)
    monkeypatch.setattr(jobs, "tick", lambda root=None: None)
    return asked


@pytest.fixture
def open_page(started, monkeypatch) -> Callable[..., AppTest]:
    """Opens a page by its folder's name and runs it until nothing is computed beside it any more."""
    monkeypatch.setattr(warm, "start", lambda delay=0.0: None)

    def open_it(name: str, **query: str) -> AppTest:
        at = AppTest.from_file(str(HOME), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        if name != "start":
            at.switch_page(f"{name}/page.py")
            for key, value in query.items():
                at.query_params[key] = value
            at.run()
        return settle(at)

    return open_it


def settle(at: AppTest) -> AppTest:
    """Runs the page again once what it asked for in the background is there."""
    for _ in range(20):
        if not background.pending():
            break
        background.wait(10.0)
        at.run()
    assert not at.exception, at.exception
    return at


def texts(at: AppTest) -> str:
    """All words on a page that AppTest sees."""
    found: list[Any] = [*at.title, *at.subheader, *at.markdown, *at.caption, *at.error, *at.warning, *at.code]
    return "\n".join(str(element.value) for element in found)

"""Pictures of every page: `python -m apps.shots` writes shots/, with `--pictures` also those of the README.

Each page at 1440 and 390 pixels, light and dark, empty, training, finished and failed; then one look into
every tab. Starts a studio of its own with runs of its own, trains, and needs Chromium and playwright.
"""

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.studio import navigation
from apps.studio.page.page import Page as StudioPage
from sandbox import jobs
from sandbox.errors import UserError
from sandbox.jobs import job_process
from sandbox.runs import Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {1440: 900, 390: 844}
"""Width of a window, and the least height that it has."""
SCHEMES = ("light", "dark")
AGENTS = {"arena": "cartpole", "runs": "cartpole"}
"""What the failed run of a page that is about agents trains; of all others it is their first task."""
BEGUN = {
    "start": "Mistakes",
    "arena": "The agent at step",
    "sequences": "Click to change it",
    "energy": "The missing half",
    "latent": "pictures behind",
}
"""What a page shows once its network or agent has a first checkpoint, where that comes after the slider."""
SETTLE = 2500
"""Milliseconds until charts are drawn and the player moves."""
PATIENCE = 180_000
TRAINED = 900_000
"""Milliseconds that a page's default training may take."""


class Shooter:
    """One studio and one browser."""

    def __init__(self, browser: "Browser", address: str, folder: Path) -> None:
        self.browser, self.address, self.folder = browser, address, folder

    def shoot(self, name: str, path: str, *, every: bool = True, settle: int = SETTLE) -> None:
        """Picture an address in all widths and themes, or only in the first of each."""
        for width in list(WIDTHS)[: None if every else 1]:
            for scheme in SCHEMES[: None if every else 1]:
                with self.page(width, scheme) as page:
                    page.goto(f"{self.address}/{path}")
                    page.get_by_role("heading", level=1).wait_for()
                    page.wait_for_timeout(settle)
                    self.save(page, f"{name}-{width}-{scheme}", width)

    def save(self, page: "Page", name: str, width: int) -> None:
        """Save the whole page: the window grows until nothing is left to scroll."""
        main = page.get_by_test_id("stMain")
        main.wait_for()
        height = main.evaluate("element => element.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(WIDTHS[width], int(height))})
        page.wait_for_timeout(400)
        page.screenshot(path=self.folder / f"{name}.png")
        print(f"{name}.png")

    @contextmanager
    def page(self, width: int = 1440, scheme: Any = "light", scale: float = 1.0) -> Iterator["Page"]:
        """A fresh window."""
        size: Any = {"width": width, "height": WIDTHS[width]}
        context = self.browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=scale)
        context.set_default_timeout(PATIENCE)
        try:
            page = context.new_page()
            page.on("pageerror", lambda error: print(f"the page complains: {error}", file=sys.stderr))
            yield page
        finally:
            context.close()


def main(arguments: list[str] | None = None) -> int:
    """Take all pictures; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m apps.shots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "shots", help="folder for the pictures")
    parser.add_argument(
        "--pictures", action="store_true", help="refresh docs/pictures/, which the README shows"
    )
    parser.add_argument("--only", default="", help="page to take, such as arena; all by default")
    options = parser.parse_args(arguments)
    try:
        take(options.out, options.pictures, options.only)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def take(folder: Path, pictures: bool, only: str) -> None:
    """Start studio and browser, and go through all states.

    Raises:
        UserError: playwright or Chromium is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    every = [entry.page for entry in navigation.find_pages() if only in ("", entry.page.name)]
    pages, alone = [page.name for page in every], [page.name for page in every if trains_alone(page)]
    targets = AGENTS | {page.name: page.tasks[0] for page in every if trains_alone(page)}
    with tempfile.TemporaryDirectory() as temporary, browsing() as browser:
        runs = Path(temporary) / "runs"
        with studio(runs) as address:
            shooter = Shooter(browser, address, folder)
            for name in [name for name in pages if name not in alone]:
                shooter.shoot(f"{name}-empty", path_of(name))
            # Pages that train nothing themselves show what the Arena has trained.
            for name in [name for name in pages if name in alone or name == "arena"] or ["arena"]:
                train(shooter, name, click=name not in alone)
            for name in pages:
                shooter.shoot(f"{name}-finished", path_of(name))
                for tab in tabs_of(name)[1:]:
                    shooter.shoot(
                        f"{name}-{tab.lower()}", f"{path_of(name)}?{name}-tab={tab}", every=False, settle=5000
                    )
            if pictures:
                for name in pages:
                    picture(shooter, name)
            for name in [name for name in pages if name in targets]:
                run = failed_run(targets[name], runs)
                shooter.shoot(f"{name}-failed", f"{path_of(name)}?run={run.name}", every=False)


@contextmanager
def browsing() -> Iterator["Browser"]:
    """A headless Chromium.

    Raises:
        UserError: playwright or Chromium is missing.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise UserError("Pictures need playwright; run make setup.") from None
    if chromium is None:
        raise UserError("Pictures need Chromium; install chromium with the system's package manager.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def tabs_of(name: str) -> list[str]:
    """The tabs of a page."""
    return next(list(entry.page.tabs) for entry in navigation.find_pages() if entry.page.name == name)


def path_of(name: str) -> str:
    """Where a page is found: the default one has the studio's own address."""
    return "" if name == navigation.find_pages()[0].page.name else name


def trains_alone(page: StudioPage) -> bool:
    """Whether a page begins to train when it is opened for the first time: every one composed from tasks."""
    return bool(page.tasks) and not page.instrument


def train(shooter: Shooter, name: str, *, click: bool) -> None:
    """Train what a page trains, with a picture on the way; by a click where it does not begin by itself."""
    with shooter.page() as page:
        page.goto(f"{shooter.address}/{path_of(name)}")
        if click:
            page.get_by_test_id("stMain").get_by_role("button", name="Train", exact=True).click()
        state = page.locator(".st-key-state")
        state.get_by_text("training").wait_for()
        page.get_by_role("slider", name="Age").wait_for()
        if name in BEGUN:
            page.get_by_text(BEGUN[name]).first.wait_for()
        page.wait_for_timeout(SETTLE)
        shooter.save(page, f"{name}-training-1440-light", 1440)
        state.get_by_text("done").wait_for(timeout=TRAINED)


def picture(shooter: Shooter, name: str) -> None:
    """A picture for the README: one screen, at twice the resolution."""
    target = ROOT / "docs" / "pictures" / f"studio-{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    with shooter.page(scale=1.5) as page:
        page.goto(f"{shooter.address}/{path_of(name)}")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(2 * SETTLE)
        page.screenshot(path=target)
    print(target.relative_to(ROOT))


def failed_run(target: str, runs: Path) -> Run:
    """A run that could not go on."""
    config = {"argv": ["train", target], "seed": 0}
    message = "Could not write the metrics because the disk is full; the checkpoints so far are unharmed."
    run = Run.create(target, config, runs, state="queued")
    run.update_status(state="failed", message=message, step=1200, total=5000)
    return run


@contextmanager
def studio(runs: Path) -> Iterator[str]:
    """A studio on a free port; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    runs.mkdir(parents=True)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "apps/server.py",
            "--server.headless=true",
            f"--server.port={port}",
        ],
        cwd=ROOT,
        env={**os.environ, "SANDBOX_RUNS": str(runs)},
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/_stcore/health").close()
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()
        for run in jobs.list_jobs(runs):
            status = run.status()
            pid = status.get("pid") or status.get("launching")
            if isinstance(pid, int):
                job_process.kill(pid)


if __name__ == "__main__":
    sys.exit(main())

"""The studio without its processes: pages run in this one, jobs are only written down."""

import contextlib
import dataclasses
import functools
import io
import runpy
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from apps.studio import background_imports, background_work
from sandbox import jobs
from sandbox.runs import Run, job_orders

HOME = Path(__file__).parents[2] / "apps" / "home.py"
# What no test changes: the packages that are installed, and the pages of the studio.
registered: dict[str, Any] = {}
installed_components = functools.cache(manifest_scanner.scan_component_manifests)
# Whether a page has asked since the last look for what was not there; it may have come meanwhile, unseen.
asked_in_vain = threading.Event()


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """What the studio asked to be trained; nothing trains."""
    asked: list[list[str]] = []

    def start(argv: list[str], root: Path | None = None, *, gives_way: bool = False) -> Run:
        assert argv[-2] == "--threads"
        asked.append(argv[:-2])
        config = {"argv": ["train", *argv], "seed": 0}
        queued = float(len(asked))
        return Run.create(argv[0], config, root, state="queued", queued=queued, gives_way=gives_way)

    def resume(run: Run) -> Run:
        asked.append(["--resume", run.name])
        job_orders.write(run.path, ["--resume", run.name])
        run.update_status(state="queued")
        return run

    monkeypatch.setattr(jobs, "start", start)
    monkeypatch.setattr(jobs, "resume", resume)
    monkeypatch.setattr(jobs, "warm", lambda: None)
    monkeypatch.setattr(jobs, "tick", lambda root=None: None)
    return asked


@pytest.fixture
def open_page(started, monkeypatch) -> Callable[..., AppTest]:
    """Opens a page by its folder's name and runs it until nothing is computed beside it any more."""
    monkeypatch.setattr(background_imports, "start", lambda delay=0.0, later=(): None)
    # Each AppTest is a server of its own, which would look through all packages anew.
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", installed_components)
    monkeypatch.setattr(background_work, "ask", noting(background_work.ask))

    def open_it(name: str, session: dict[str, Any] | None = None, **query: str) -> AppTest:
        asked_in_vain.clear()
        at = AppTest.from_file(str(HOME), default_timeout=60)
        # AppTest begins at Home, which would begin to learn by itself.
        tried = [] if name == "start" else ["vision/classify"]
        for key, value in {"start:tried": tried, **(session or {})}.items():
            at.session_state[key] = value
        for key, value in query.items():
            at.query_params[key] = value
        if name != "start":
            # A tester learns of pages by drawing the first one, which takes as long as the page itself.
            if not registered:
                at.run()
                registered.update(at._registered_pages)
            at._registered_pages = dict(registered)
            at.switch_page(f"{name}/page.py")
            for key, value in query.items():
                at.query_params[key] = value
        return settle(at.run())

    return open_it


@pytest.fixture
def settled() -> Callable[[AppTest], AppTest]:
    """Runs an open page again until nothing is computed beside it any more."""
    return lambda at: settle(at.run())


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """Makes a run on disk: see `made_run`."""
    return made_run


@pytest.fixture
def read() -> Callable[[AppTest], str]:
    """All words on a page."""
    return texts


@pytest.fixture
def run_script(tmp_path, monkeypatch) -> Callable[..., list[str]]:
    """Runs a page's script as it stands, alone in a folder with the files beside it, and gives its lines."""

    def run_it(script: str, beside: Mapping[str, bytes] | None = None) -> list[str]:
        assert "subprocess" not in script and "sandbox.cli" not in script
        folder = tmp_path / f"script-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "again.py").write_text(script)
        for name, content in (beside or {}).items():
            (folder / name).write_bytes(content)
        printed = io.StringIO()
        threads = torch_threads()
        try:
            with monkeypatch.context() as patch, contextlib.redirect_stdout(printed):
                patch.chdir(folder)
                runpy.run_path(str(folder / "again.py"), run_name="__main__")
        finally:
            torch_threads(threads)
        return [line for line in printed.getvalue().splitlines() if line.startswith("{")]

    return run_it


def torch_threads(count: int | None = None) -> int:
    """The number of threads of torch, set if one is given."""
    import torch

    if count is not None:
        torch.set_num_threads(count)
    return torch.get_num_threads()


def noting(ask: Callable[..., Any]) -> Callable[..., Any]:
    """The same question, which notes when there is no answer yet."""

    def ask_it(*args: Any) -> Any:
        found = ask(*args)
        if getattr(background_work._look, "in_vain", False):  # None may be the answer, too
            asked_in_vain.set()
        return found

    return ask_it


def settle(at: AppTest) -> AppTest:
    """Runs the page again once what it asked for in the background is there."""
    for _ in range(20):
        if not (background_work.pending() or asked_in_vain.is_set()):
            break
        asked_in_vain.clear()
        background_work.wait(10.0)
        at.run()
    assert not at.exception, at.exception
    return at


def texts(at: AppTest) -> str:
    """All words on a page that AppTest sees."""
    found: list[Any] = [*at.title, *at.subheader, *at.markdown, *at.caption, *at.error, *at.warning, *at.code]
    return "\n".join(str(element.value) for element in found)


def made_run(target: str, state: str, seed: int = 0, data: str | None = None) -> Run:
    """A run of `cartpole` or `vision/classify`, with checkpoints and metrics where its state has some."""
    config: dict[str, Any] = {"argv": ["train", target], "seed": seed, "device": "cpu", "threads": 1}
    config |= {"data": data} if data else {}
    make = _digits if target == "vision/classify" else _agent
    run = Run.create(target, config, state="running")
    if state == "queued":
        job_orders.write(run.path, [target])
    if state != "queued":
        make(run)
    if state == "interrupted":
        run.update_status(state="running", launching=None, step=10, total=100, seconds=1.0)
    elif state != "running":
        message = "The disk is full." if state == "failed" else ""
        run.update_status(
            state=state, launching=None, step=10, total=10, seconds=1.0, message=message, queued=time.time()
        )
    return run


def _digits(run: Run) -> None:
    import torch

    from apps.vision.classify import TASK
    from sandbox.tasks.families.picture_network import build, network

    settings = TASK.settings()
    split = TASK.load(settings, run.config.get("data"))
    keywords = network(
        settings.block, split.shape, len(split.classes), channels=settings.channels, hidden=settings.hidden
    )
    meta = {"block": settings.block, "network": keywords, **TASK.meta(split)}
    for step in (0, 4, 10):
        torch.manual_seed(step)
        run.save_checkpoint(
            step, build(settings.block, keywords).state_dict(), meta, ({}, {}) if step == 10 else None
        )
        run.log(step, step / 10, {"accuracy": step / 20, "loss": 1.0, "test_accuracy": step / 20})
    run.log(10, 1.0, {"test_accuracy": 0.5, "test_accuracy_low": 0.4, "test_accuracy_high": 0.6})


def _agent(run: Run) -> None:
    import torch

    from agents.environments import find_target
    from agents.policies import parameters_of
    from agents.settings import settings_for
    from agents.training.policy_choice import policy_of

    target = run.config["target"]
    settings = settings_for(target)
    observation_space, action_space = find_target(target).spaces()
    policy_class, options = policy_of(settings, observation_space)
    for step in (0, 100, 200):
        torch.manual_seed(step)
        policy = policy_class(observation_space, action_space, lambda _: 0.0, **options)
        resume = ({}, {}) if step == 200 else None
        run.save_checkpoint(step, parameters_of(policy), {"step": step, "agent": "ppo"}, resume)
        figures = {"return": 20.0 + step, "eval_return": 21.0, "eval_low": 20.0, "eval_high": 22.0}
        run.log(step, step / 100, figures)
    run.update_config(agent="ppo", settings=dataclasses.asdict(settings))

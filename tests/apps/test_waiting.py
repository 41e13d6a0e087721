"""While a page waits: its imports in the background, its looks at a run that begins, what it says."""

import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from apps.studio import background_imports, navigation, wording
from apps.studio.page import polling
from sandbox.runs import Run


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"did not come true within {seconds} s"
        time.sleep(0.005)


@pytest.fixture
def imported(monkeypatch):
    """What the background thread imports, in order; importing takes no time."""
    found: list[str] = []
    monkeypatch.setattr(background_imports.importlib, "import_module", found.append)
    monkeypatch.setattr(background_imports, "FIRST", ())
    monkeypatch.setattr(background_imports, "LATER", ("first", "second"))
    monkeypatch.setattr(background_imports, "_started", False)
    monkeypatch.setattr(background_imports, "_done", set())
    monkeypatch.setattr(background_imports, "_asked", set())
    monkeypatch.setattr(background_imports, "_wanted", background_imports.queue.SimpleQueue())
    return found


def test_what_pages_need_is_imported_once_nobody_asks_for_anything(imported, monkeypatch):
    clock = [0.0]
    stopped = SimpleNamespace(monotonic=lambda: clock[0], sleep=time.sleep)
    monkeypatch.setattr(background_imports, "time", stopped)
    monkeypatch.setattr(background_imports, "IDLE", 0.05)
    background_imports.start(0.0, ["page", "first"])
    assert not background_imports.ready("asked")
    until(lambda: background_imports.ready("asked"))
    assert imported == ["asked"]
    # Somebody has asked a moment ago, and it is still that moment: the rest waits.
    time.sleep(0.3)
    assert imported == ["asked"]
    clock[0] = 1.0
    until(lambda: "page" in background_imports._done)
    assert imported == ["asked", "first", "second", "page"]


def test_every_page_that_waits_for_modules_names_them_where_the_studio_can_read_it():
    needs = {entry.page.name: entry.page.waits_for for entry in navigation.find_pages()}
    trained = {name for name, modules in needs.items() if modules}
    assert {"start", "arena", "neurons", "microscope", "sequences", "latent", "energy"} <= trained
    assert all(modules[0] == "torch" for name, modules in needs.items() if name in trained)


def test_a_look_waits_for_the_first_step_and_no_longer(monkeypatch):
    run = Run.create("cartpole", {}, state="running")
    monkeypatch.setattr(polling, "WATCH", 60.0)
    timer = threading.Timer(0.1, lambda: run.update_status(step=1))
    begin = time.monotonic()
    timer.start()
    polling._wait_for_first_step()
    assert run.status()["step"] == 1 and time.monotonic() - begin < 30.0
    timer.join()
    # Nobody is waited for who has learned already, waits in the queue, or is asked to stop.
    run.update_status(step=0)
    run.request_stop()
    polling._wait_for_first_step()
    run.clear_stop()
    run.update_status(state="queued")
    polling._wait_for_first_step()
    assert time.monotonic() - begin < 30.0
    run.update_status(state="running")
    monkeypatch.setattr(polling, "WATCH", 0.05)
    polling._wait_for_first_step()  # it may take longer than a look has patience
    assert wording.begins(run.status())


def test_what_is_awaited_is_what_happens():
    run = Run.create("cartpole", {}, state="queued")
    said = [wording.awaited(run, "queued")]
    run.update_status(state="running", launching=1)
    said.append(wording.awaited(run, "running"))
    run.update_status(launching=None)
    said.append(wording.awaited(run, "running"))
    (run.path / "checkpoints" / "000000000000").mkdir(parents=True)
    (run.path / "checkpoints" / "000000000000" / "meta.json").write_text("{}")
    said.append(wording.awaited(run, "running"))
    run.update_status(step=3)
    said.append(wording.awaited(run, "running"))
    assert len(set(said)) == 5
    assert "turn" in said[0] and "process" in said[1] and "data" in said[2]
    assert "first step" in said[3] and "page" in said[4]


BESIDE = """
import sys, time
import altair
from apps.studio import background_imports

asked = []
altair.data_transformers.register("listening", lambda data, **_: asked.append(data) or {"name": "data"})
background_imports.FIRST, background_imports.LATER, background_imports.IDLE = ("altair",), (), 0.0
with altair.data_transformers.enable("listening"):
    # Nothing is left to import, so the thread has its time for more before it hears the question.
    background_imports.start(0.0)
    while not background_imports.ready("apps.studio.charts.bars"):
        time.sleep(0.05)
print(len(asked))
"""
"""A page is making a chart, whose data are collected through a setting of all threads, during the imports."""


def test_no_chart_of_the_background_gets_into_a_chart_of_a_page():
    """The browser fails on data that it does not know: "Unrecognized data set"."""
    done = subprocess.run([sys.executable, "-c", BESIDE], capture_output=True, text=True)
    assert done.stdout.strip() == "0", done.stderr


FRAME = """
import sys
import apps.studio.page.controls, apps.studio.page.curve, apps.studio.page.draw
from apps.studio import navigation
assert navigation.find_pages()
print([name for name in ("torch", "altair", "sklearn") if name in sys.modules])
"""


def test_the_frame_of_a_page_is_drawn_without_heavy_modules():
    """Else whoever comes first would look at nothing until they are imported."""
    done = subprocess.run([sys.executable, "-c", FRAME], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_work_that_ends_while_the_page_is_still_being_drawn_is_shown(monkeypatch):
    """Else nothing would look again, and the page would wait for ever for what is there."""

    def page():
        import threading

        import streamlit as st

        from apps.studio import background_work
        from apps.studio.page.polling import live

        def body():
            asked = threading.Event()
            answer = background_work.ask("what ends in between", lambda: asked.wait() and "there")
            st.write(answer or "not yet")
            asked.set()
            background_work.wait(60.0)

        live(body)

    monkeypatch.setattr(polling.jobs, "tick", lambda: None)
    at = AppTest.from_function(page, default_timeout=60).run()
    assert [each.value for each in at.markdown] == ["there"]

"""Latent lab without a browser: it begins by itself, every tab draws, one's own data are a choice."""

import pytest

from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.task import settings_from, train_task

TABS = ("Try", "Inside", "Compare", "Code", "Limits")
SMALL = {
    "vae": {"hidden": (8,)},
    "autoencoder": {"hidden": (8,), "code": 3, "noise": 0.2},
    "duel": {"hidden": (8, 8)},
    "gan": {"hidden": (8,), "latent": 3},
    "som": {"rows": 3, "columns": 4},
}


def trained(name, data=None, **changes):
    """A run of a few steps."""
    task = import_task(f"latent/{name}")
    config = {"argv": ["train", f"latent/{name}"], "seed": 0, "threads": 1, "kind": "task", "data": data}
    run = Run.create(f"latent/{name}", config)
    settings = settings_from(task, {**SMALL[name], "steps": 4, "batch_size": 16, **changes})
    assert drive(run, train_task(task, settings, run)) == "done", run.status()["message"]
    return run


def test_each_method_begins_to_learn_by_itself_once(open_page, started):
    at = open_page("latent")
    assert started == [["latent/vae"]]
    at.selectbox(key="latent:method").set_value("latent/som").run()
    assert started[1:] == [["latent/som"]]
    at.selectbox(key="latent:method").set_value("latent/vae").run()
    assert len(started) == 2
    assert at.session_state["latent:run"].startswith("latent-vae")


@pytest.mark.parametrize("name", SMALL)
def test_every_tab_of_every_method(open_page, read, name):
    run = trained(name)
    for tab in TABS:
        at = open_page("latent", run=run.name, **{"latent-tab": tab})
        assert not at.error, (tab, [error.value for error in at.error])
        assert run.name in read(at)
        assert at.session_state["latent-tab"] == tab

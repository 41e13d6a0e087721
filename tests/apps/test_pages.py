"""Every page without a browser: with no run, and with a queued, a running, a finished and a failed one."""

import pytest

from apps.studio import navigation
from apps.studio.page import run_selection
from sandbox.runs import Run, list_runs

PAGES = [entry.page.name for entry in navigation.find_pages()]
STATES = ("queued", "running", "done", "failed", "stopped", "interrupted")
TARGETS = {"start": "vision/classify", "arena": "cartpole", "runs": "cartpole"}
OWN = sorted(TARGETS)


def button(at, label):
    return next(button for button in at.button if button.label == label)


@pytest.mark.quick("start", "arena", "runs", "neurons", "datasets", "leaderboard")
@pytest.mark.parametrize("page", PAGES)
def test_page_without_a_run(open_page, page):
    at = open_page(page)
    assert at.title
    assert not at.error


@pytest.mark.parametrize("page", OWN)
def test_page_shows_runs_in_every_state(open_page, make_run, read, page):
    words = {"done": "done", "failed": "The disk is full.", "interrupted": "interrupted"}
    for state in STATES:
        run = make_run(TARGETS[page], state)
        if page == "runs":
            continue
        at = open_page(page, run=run.name)
        assert run.name in read(at)
        assert words.get(state, "") in read(at)
        assert bool(at.error) == (state == "failed")
    at = open_page(page)
    assert len(list_runs()) == len(STATES)
    if page == "runs":
        assert set(at.dataframe[0].value["State"]) >= {"done", "failed", "interrupted", "stopped"}


def test_home_begins_to_learn_by_itself_once(open_page, started):
    open_page("start")
    assert started == [["vision/classify", "--preset", "fast"]]
    open_page("start")
    assert len(started) == 1


def test_home_trains_with_the_chosen_settings(open_page, make_run, started):
    make_run("vision/classify", "done")
    at = open_page("start")
    at.number_input(key="start:seed").set_value(3)
    at.number_input(key="start:vision/classify:fast:learning_rate").set_value(0.01)
    at.run()
    button(at, "Train").click().run()
    (argv,) = started
    assert argv[0] == "vision/classify"
    assert argv[argv.index("--seed") + 1] == "3"
    assert argv[argv.index("--learning-rate") + 1] == "0.01"
    # The page looks at the new run.
    assert at.session_state["start:run"] == list_runs()[0].name


@pytest.mark.parametrize("tab", ["Inside", "Compare", "Code", "Limits", "Learn"])
def test_home_tabs(open_page, make_run, tab):
    run = make_run("vision/classify", "done")
    at = open_page("start", run=run.name, **{"start-tab": tab})
    assert not at.error
    assert at.session_state["start-tab"] == tab


@pytest.mark.parametrize("tab", ["Try", "Inside", "Compare", "Limits"])
def test_home_with_colour_pictures_of_ones_own(open_page, make_run, read, tmp_path, tab):
    import cv2
    import numpy as np

    generator = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(6):
            picture = generator.integers(0, 255, (40, 30, 3), np.uint8)
            cv2.imwrite(str(tmp_path / "pictures" / name / f"{i}.png"), picture)
    run = make_run("vision/classify", "done", data=str(tmp_path / "pictures"))
    at = open_page("start", run=run.name, **{"start-tab": tab})
    assert not at.error
    assert "unseen pictures" in read(at) and "digits" not in read(at)


@pytest.mark.parametrize("tab", ["Play", "Compare", "Code", "Limits"])
def test_arena_tabs(open_page, make_run, tab):
    run = make_run("cartpole", "done")
    at = open_page("arena", run=run.name, **{"arena-tab": tab})
    assert not at.error
    assert at.session_state["arena-tab"] == tab


def test_arena_trains_in_the_chosen_physics(open_page, started):
    at = open_page("arena")
    at.slider(key="arena:cartpole:gravity").set_value(3.0).run()
    button(at, "Train").click().run()
    (argv,) = started
    assert argv[:3] == ["cartpole", "--agent", "ppo"]
    assert argv[argv.index("--params") + 1 :] == ["gravity", "3.0"]


def test_arena_refuses_an_agent_that_cannot_play(open_page, started):
    at = open_page("arena")
    at.selectbox(key="arena:agent").set_value("sac").run()
    button(at, "Train").click().run()
    assert not started
    assert "sac cannot play cartpole" in at.error[0].value


def test_arena_says_what_is_wrong_with_an_unknown_environment(open_page):
    at = open_page("arena", session={"arena:target": "cartpol"})
    assert "cartpol" in at.error[0].value
    assert "cartpole" in at.error[0].value


def test_stop_is_asked_for_at_once(open_page, make_run, read):
    run = make_run("cartpole", "running")
    at = open_page("arena", run=run.name)
    button(at, "Stop").click().run()
    assert run.stop_requested()
    assert "stopping" in read(at)
    assert next(b for b in at.button if b.label.startswith("Stopping")).disabled


def test_a_stopped_run_is_resumed_and_reset_offers_a_new_one(open_page, make_run):
    run = make_run("vision/classify", "stopped")
    at = open_page("start", run=run.name)
    button(at, "Resume").click().run()
    assert run.status()["state"] == "queued"
    run.update_status(state="stopped")
    button(at.run(), "Reset").click().run()
    assert button(at, "Train")


def test_deleted_runs_come_back(open_page, make_run, read):
    run = make_run("cartpole", "done")
    at = open_page("runs")
    button(at, "Delete").click().run()
    assert not list_runs()
    assert f"{run.name}** was deleted" in read(at)
    at.button(key="runs:undo").click().run()
    assert list_runs() == [run]
    assert run.checkpoints() == [0, 100, 200]


def test_running_runs_cannot_be_thrown_away(make_run):
    from apps.runs.archive import throw_away
    from sandbox.errors import UserError

    run = make_run("cartpole", "running")
    with pytest.raises(UserError, match="stop it first"):
        throw_away(run)
    assert run.path.exists()


def test_zip_holds_everything_and_nothing_that_runs_code(make_run):
    import io
    import zipfile

    from apps.runs.archive import zip_run

    run = make_run("cartpole", "done")
    (run.path / "evil.pkl").write_bytes(b"no")
    (run.path / "link.json").symlink_to("/etc/passwd")
    names = zipfile.ZipFile(io.BytesIO(zip_run(run))).namelist()
    assert f"{run.name}/config.json" in names
    assert f"{run.name}/checkpoints/000000000200/model.safetensors" in names
    assert {name.rpartition(".")[2] for name in names} <= {"json", "jsonl", "safetensors", "txt"}
    assert not any("link" in name for name in names)


def test_a_corrupt_run_is_named_and_the_others_are_shown(open_page, make_run, read):
    good, bad = make_run("cartpole", "done"), make_run("cartpole", "done")
    (bad.path / "config.json").write_text("{")
    at = open_page("runs")
    assert any("config.json" in warning.value for warning in at.warning)
    assert good.name in read(at)


def test_a_link_to_a_run_that_is_gone_falls_back(open_page, make_run):
    run = make_run("vision/classify", "done")
    at = open_page("start", run="../../etc")
    assert at.session_state["start:run"] == run.name
    at = open_page("start", run="nothing-007")
    assert at.session_state["start:run"] == run.name


def test_downloaded_model_is_the_one_on_the_page(make_run):
    import json

    import numpy as np
    from safetensors.torch import load

    from apps.studio.page.downloads import markdown, model_bytes, script
    from apps.vision.classify import TASK
    from sandbox.tasks.loading import load_predictor

    run: Run = make_run("vision/classify", "done")
    data = model_bytes(run)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    meta = json.loads(header["__metadata__"]["meta"])
    images = np.random.default_rng(0).random((2, 1, 8, 8), np.float32)
    expected = load_predictor(run).predict(images)
    assert np.array_equal(TASK.predictor(load(data), meta).predict(images), expected)
    assert run.name in markdown(run)
    compile(script(run), "script.py", "exec")


def test_arena_menu_decides_and_a_link_leads(open_page, make_run, read, monkeypatch):
    """The menu may leave the run that is shown for an environment without one, and come back to it."""
    run = make_run("cartpole", "done")
    at = open_page("arena")
    assert at.selectbox(key="arena:target").value == "cartpole"
    at.selectbox(key="arena:target").set_value("snake").run()
    at.run()
    assert at.selectbox(key="arena:target").value == "snake"
    assert "No agent has learned snake yet" in read(at)
    at.selectbox(key="arena:target").set_value("cartpole").run()
    assert f"run **{run.name}**" in read(at)
    at.selectbox(key="arena:target").set_value("snake").run()
    monkeypatch.setattr(run_selection, "FOLLOWS", 0.0)
    for _ in range(2):
        at.query_params["run"] = run.name  # as a browser that has not followed yet still says, however late
        at.run()
        assert at.selectbox(key="arena:target").value == "snake"
    at.run()  # it has followed: what it says now was a person's choice
    at.query_params["run"] = run.name  # as a link says
    at.run()
    assert at.selectbox(key="arena:target").value == "cartpole"

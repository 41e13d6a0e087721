"""What the Code tabs offer is Python that parses, and scripts that come to the figures of the pages."""

import ast
import json

import pytest

from apps.studio.page import downloads
from apps.studio.page.source_code import source
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.loading import settings_from
from sandbox.tasks.training import train_task
from sandbox.training.supervised import Supervised

pytestmark = pytest.mark.thorough

TINY = {
    "vision/classify": {"steps": 12, "channels": [4, 4], "hidden": [8], "batch_size": 16, "clip": 1.0},
    "sequences/adding": {"steps": 6, "length": 6, "hidden": 8, "block": "all"},
    "sequences/copying": {"steps": 6, "length": 12, "hidden": 8, "block": "rnn"},
    "sequences/echo": {"steps": 6, "length": 14, "hidden": 8, "block": "lstm"},
    "sequences/forecast": {"steps": 6, "length": 6, "hidden": 8, "block": "attention"},
    "latent/vae": {"steps": 6, "hidden": [8]},
    "latent/autoencoder": {"steps": 6, "hidden": [8]},
    "latent/gan": {"steps": 4},
    "latent/duel": {"steps": 6},
    "latent/som": {"steps": 4, "rows": 3, "columns": 4},
    "energy/rbm": {"steps": 6, "hidden": 8},
    "energy/dbn": {"pretraining": 4, "tuning": 4, "hidden": [8, 8]},
}


def trained(target: str, **changes) -> Run:
    task = import_task(target)
    settings = settings_from(task, TINY[target] | changes)
    run = Run.create(target, {"seed": 3, "threads": 1, "device": "cpu", "argv": ["train", target]})
    run.update_config(kind="task")
    assert drive(run, train_task(task, settings, run)) == "done"
    return run


def main_figure(target: str) -> str:
    metric = import_task(target).metric
    return metric if isinstance(metric, str) else metric.key


def last(run: Run) -> dict:
    return {name: value for name, value in run.metrics()[-1].items() if name not in ("step", "seconds")}


@pytest.mark.parametrize("target", TINY)
def test_the_script_alone_comes_to_the_figures_of_the_run(run_script, target):
    """Trained from scratch, and with the downloaded model beside it."""
    run = trained(target)
    script = downloads.script(run)
    ast.parse(script)
    again = json.loads(run_script(script)[-1])
    model = {f"{run.name}.safetensors": downloads.model_bytes(run)}
    measured = json.loads(run_script(script, model)[-1])
    for found in (again, measured):
        assert found == pytest.approx({name: last(run)[name] for name in found}, rel=1e-6, abs=1e-9)
        assert main_figure(target) in found


def test_a_training_that_was_stopped_is_trained_as_far(run_script):
    task = import_task("vision/classify")
    settings = settings_from(task, TINY["vision/classify"] | {"steps": 40})
    run = Run.create("vision/classify", {"seed": 0, "threads": 1, "device": "cpu", "kind": "task"})
    training = train_task(task, settings, run)
    next(training)
    training.close()
    step = run.checkpoints()[-1]
    assert 0 < step < 40
    script = downloads.script(run)
    again = json.loads(run_script(script)[-1])
    measured = json.loads(run_script(script, {f"{run.name}.safetensors": downloads.model_bytes(run)})[-1])
    assert again == measured


@pytest.mark.parametrize(
    "changes", [{"patience": 2}, {"accumulate": 2}, {"block": "residual"}, {"jitter": 0.0}]
)
def test_what_is_rarely_chosen_is_in_the_script_as_well(run_script, changes):
    run = trained("vision/classify", **changes)
    found = json.loads(run_script(downloads.script(run))[-1])
    assert found["test_accuracy"] == pytest.approx(last(run)["test_accuracy"], rel=1e-6)


def test_nothing_in_a_run_folder_becomes_code():
    run = trained("vision/classify")
    evil = run.path.with_name('x"""\nprint(1)\n"""')
    run.path.rename(evil)
    tree = ast.parse(downloads.script(Run(evil)))
    calls = [
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert calls.count("print") == 2  # the loop's and the last line's


def test_a_script_of_an_agent_says_its_settings_and_no_code_of_a_run_folder(make_run):
    run = make_run("cartpole", "done")
    evil = run.path.with_name('x"""\nprint(1)\n"""')
    run.path.rename(evil)
    script = downloads.script(Run(evil))
    assert "subprocess" not in script and "sandbox.cli" not in script
    tree = ast.parse(script)
    values = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    assert ast.literal_eval(values["RUN"]) == evil.name
    assert ast.literal_eval(values["CONFIG"])["agent"] == "ppo"
    assert ast.unparse(values["SETTINGS"]).startswith("PPOSettings(")
    assert not [node for node in tree.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]


@pytest.mark.parametrize("target", [target for target in TINY if target.startswith("sequences/")])
def test_the_code_tab_of_every_network_shows_python_that_parses(open_page, target):
    """What each task shows with its first settings is parsed in the contract of all pages."""
    run = trained(target)
    at = open_page("sequences", run=run.name, **{"sequences-tab": "Code"})
    shown = [each.value for each in at.code if each.language == "python"]
    assert len(shown) >= 3
    for code in shown:
        ast.parse(code)


@pytest.mark.parametrize("page", ["arena", "neurons"])
def test_other_code_tabs_too(open_page, make_run, page):
    if page == "arena":
        make_run("cartpole", "done")
    at = open_page(page, **{f"{page}-tab": "Code"})
    at.run()
    shown = [each.value for each in at.code if each.language == "python"]
    assert len(shown) >= 3
    for code in shown:
        ast.parse(code)


def test_a_method_is_moved_to_the_margin_with_its_body():
    tree = ast.parse(source(Supervised.step))
    (method,) = tree.body
    assert isinstance(method, ast.FunctionDef) and len(method.body) > 5

"""A training whose process crashed says so, on Runs and on the page that shows it."""

import pytest

from sandbox.runs import Run
from sandbox.runs.crash_note import FILE

CRASH = "The process crashed (Segmentation fault)"


@pytest.fixture
def crashed(make_run) -> Run:
    run = make_run("cartpole", "interrupted")
    (run.path / FILE).write_text("Fatal Python error: Segmentation fault\n\nCurrent thread\n")
    return run


def test_the_arena_and_the_details_of_runs_say_it(open_page, crashed):
    for page in ("arena", "runs"):
        at = open_page(page, run=crashed.name)
        (warning,) = at.warning
        assert warning.value.startswith(f"{crashed.name} was interrupted. {CRASH}")
        assert "it can go on from step 200" in warning.value


def test_the_table_says_it_of_a_run_that_is_not_ticked(open_page, crashed, make_run):
    newer = make_run("cartpole", "done")
    table = open_page("runs").dataframe[0].value.set_index("Run")
    assert table.loc[crashed.name, "Says"].startswith(CRASH)
    assert table.loc[newer.name, "Says"] == ""


def test_nothing_is_said_of_runs_that_came_to_their_end(open_page, make_run):
    make_run("cartpole", "done")
    assert "Says" not in open_page("runs").dataframe[0].value

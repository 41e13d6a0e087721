"""What a redraw reads does not grow with the runs that have ended: counted, not timed."""

import os

import pytest

from sandbox import jobs
from sandbox.runs import Run, json_cache, list_runs, settled_runs

PAGES = {"start": "vision/classify", "arena": "cartpole", "runs": "cartpole"}
FEW, MANY = 4, 24


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """Files and folders that are looked at or opened, one entry each time."""
    seen: list[str] = []

    def counted(function):
        def call(path, *arguments, **options):
            seen.append(os.fspath(path) if not isinstance(path, int) else str(path))
            return function(path, *arguments, **options)

        return call

    for name in ("lstat", "stat", "open", "scandir"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    # Files count as unchanged at once, and nothing is looked at anew in the meantime.
    monkeypatch.setattr(json_cache, "SETTLED", -1.0)
    monkeypatch.setattr(settled_runs, "AGAIN", 1e9)
    return seen


def of_runs(reads: list[str], root) -> int:
    return sum(path.startswith(str(root)) for path in reads)


def more(make_run, target: str, count: int) -> None:
    while len(list_runs()) < count:
        make_run(target, "done")


@pytest.mark.quick("runs")
@pytest.mark.parametrize("page", PAGES)
def test_a_redraw_reads_no_more_of_many_ended_runs_than_of_few(
    open_page, settled, make_run, reads, runs_root, page
):
    counts = []
    shown = make_run(PAGES[page], "done")
    for count in (FEW, MANY):
        more(make_run, "cartpole" if page == "start" else "snake", count)
        at = settled(open_page(page, run=shown.name))
        reads.clear()
        at.run()
        counts.append(of_runs(reads, runs_root))
    assert 0 < counts[1] <= counts[0], counts


def test_a_look_at_ended_runs_reads_their_folder_only(make_run, reads, runs_root):
    more(make_run, "cartpole", 3)
    reads.clear()
    assert len(list_runs()) == 3 and not jobs.list_jobs()
    assert set(reads) == {str(runs_root)}


def test_what_this_process_changes_is_seen_at_once(make_run, reads):
    run = make_run("cartpole", "stopped")
    assert list_runs() == [run] and run.is_settled() is False
    same = list_runs()[0]
    assert same.is_settled()
    jobs.resume(run)
    assert jobs.list_jobs() == [run]
    assert not same.is_settled()
    jobs.stop(run)
    assert not jobs.list_jobs()
    list_runs()[0].delete()
    assert not list_runs()


def test_what_another_process_changes_is_seen_after_a_while(make_run, reads, monkeypatch):
    run = make_run("cartpole", "done")
    assert list_runs()
    (run.path / "config.json").write_text("{")
    assert list_runs() == [run]
    monkeypatch.setattr(settled_runs, "AGAIN", 0.0)
    assert not list_runs()


def test_a_running_run_is_never_settled(make_run, reads):
    run: Run = make_run("cartpole", "running")
    with run.hold():
        (seen,) = list_runs()
        assert jobs.list_jobs() == [run] and not seen.is_settled()


def test_the_table_shows_the_newest_runs_unless_all_are_wanted(open_page, make_run, monkeypatch):
    from apps.runs import table

    monkeypatch.setattr(table, "MOST", 2)
    names = [make_run("vision/classify", "queued").name for _ in range(3)]
    at = open_page("runs")
    assert set(at.dataframe[0].value["Run"]) <= set(names) and len(at.dataframe[0].value) == 2
    at.toggle(key="runs:all").set_value(True).run()
    assert set(at.dataframe[0].value["Run"]) == set(names)

import errno
import json
import os

import numpy as np
import pytest

from sandbox.errors import UserError
from sandbox.runs import Run, metric_log


@pytest.fixture
def run():
    run = Run.create("snake", {})
    for step in range(5):
        run.log(step, step / 10, {"loss": 1.0 / (step + 1)})
    return run


def tear(run):
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 99, "lo')


def test_rows_are_plain_json_without_nan():
    run = Run.create("snake", {})
    run.log(1, 0.12345678, {"a": np.float32(0.5), "b": float("nan"), "c": np.inf, "d": 3})
    line = (run.path / "metrics.jsonl").read_text()
    assert json.loads(line) == {"step": 1, "seconds": 0.1235, "a": 0.5, "d": 3}
    assert "NaN" not in line


def test_tailing_gives_each_row_once(run):
    rows, offset = run.metrics_since(0)
    assert [row["step"] for row in rows] == [0, 1, 2, 3, 4]
    assert run.metrics_since(offset) == ([], offset)
    tear(run)
    assert run.metrics_since(offset) == ([], offset)  # half a line is not a row yet
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('ss": 1}\n')
    rows, end = run.metrics_since(offset)
    assert rows == [{"step": 99, "loss": 1}] and end > offset


def test_no_file_is_no_rows():
    assert Run.create("snake", {}).metrics_since(0) == ([], 0)


def test_a_torn_last_line_is_ignored_and_cut(run):
    tear(run)
    assert len(run.metrics()) == 5
    metric_log.cut_back(run.path / "metrics.jsonl", 2)
    assert (run.path / "metrics.jsonl").read_text().endswith("}\n")
    run.log(3, 0.3, {})
    assert [row["step"] for row in run.metrics()] == [0, 1, 2, 3]


def test_a_row_after_a_torn_one_is_whole(run):
    tear(run)
    run.log(5, 0.5, {"loss": 1.0})
    assert [row["step"] for row in run.metrics()] == [0, 1, 2, 3, 4, 5]


def test_a_row_that_earlier_versions_wrote_behind_a_torn_one_is_read(run):
    tear(run)
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 5, "loss": 1.0}\n')
    assert [row["step"] for row in run.metrics()] == [0, 1, 2, 3, 4, 5]


def test_a_disk_that_takes_half_a_row_keeps_none_of_it(run, monkeypatch):
    write = os.write
    before = (run.path / "metrics.jsonl").read_bytes()

    def short(descriptor, data):
        if len(data) < 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[:-10])

    monkeypatch.setattr(os, "write", short)
    with pytest.raises(UserError, match="the disk is full"):
        run.log(5, 0.5, {"loss": 1.0})
    monkeypatch.undo()
    assert (run.path / "metrics.jsonl").read_bytes() == before
    run.log(5, 0.5, {"loss": 1.0})
    assert [row["step"] for row in run.metrics()] == [0, 1, 2, 3, 4, 5]


def test_a_disk_that_takes_a_row_in_parts_gets_all_of_it(run, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    run.log(5, 0.5, {"loss": 1.0})
    assert run.metrics()[-1] == {"step": 5, "seconds": 0.5, "loss": 1.0}


def test_a_file_that_was_cut_is_read_anew(run):
    _, offset = run.metrics_since(0)
    metric_log.cut_back(run.path / "metrics.jsonl", 1)
    rows, offset = run.metrics_since(offset)
    assert [row["step"] for row in rows] == [0, 1]
    assert run.metrics_since(offset) == ([], offset)


@pytest.mark.parametrize("line", ["nonsense", '{"loss": 1}', "[1]", '{"step": "one"}'])
def test_a_corrupt_line_is_named(run, line):
    path = run.path / "metrics.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], line, *lines[2:]]) + "\n")
    with pytest.raises(UserError, match="corrupt in line 3") as error:
        run.metrics()
    assert str(path) in str(error.value)


def test_a_full_disk_is_a_sentence(run, monkeypatch):
    def refuse(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(
        UserError, match=r"metrics.jsonl because the disk is full; the checkpoints saved so far"
    ):
        run.log(9, 1.0, {})


@pytest.mark.parametrize(
    "line",
    [
        '{"step": 1, "loss": "x"}',
        '{"step": 1, "loss": NaN}',
        '{"step": 1, "a": {}}',
        '{"step": -1}',
        "[" * 9**5,
    ],
)
def test_rows_of_a_stranger_hold_numbers_only(tmp_path, line):
    path = tmp_path / "metrics.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(UserError, match="corrupt in line 1"):
        metric_log.read_since(path)

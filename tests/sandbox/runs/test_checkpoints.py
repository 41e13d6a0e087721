"""Checkpoints: whole or absent, few but spread over all ages, and only the newest can be resumed."""

import errno
import itertools
import os
import subprocess
import sys

import pytest
import torch

from sandbox.errors import UserError
from sandbox.runs import Run, checkpoints
from sandbox.runs.resuming import resume

TENSORS = {"w": torch.arange(6.0).reshape(2, 3), "n": torch.tensor(3)}


def save(run, step, resumable=True):
    resume = ({"m": torch.full((2,), float(step))}, {"lr": 0.1}) if resumable else None
    run.save_checkpoint(step, {"w": torch.full((3,), float(step))}, {"step": step}, resume)


@pytest.fixture
def run():
    return Run.create("snake", {})


def test_what_is_saved_comes_back(run):
    run.save_checkpoint(7, TENSORS, {"classes": ["a"]}, ({"state": torch.ones(2)}, {"lr": 0.1}))
    tensors, meta = run.load_model()
    assert meta == {"classes": ["a"]}
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    step, resume, values = run.load_resume()
    assert (step, values) == (7, {"lr": 0.1}) and torch.equal(resume["state"], torch.ones(2))
    assert sorted(path.name for path in (run.path / "checkpoints" / "000000000007").iterdir()) == [
        "meta.json",
        "model.safetensors",
        "resume.json",
        "resume.safetensors",
    ]


def test_awkward_tensors_are_saved(run):
    base = torch.arange(12.0).reshape(3, 4)
    empty, leaf = torch.zeros(0), torch.ones(2, requires_grad=True)
    awkward = {"t": base.T, "row": base[1], "same": base, "again": base, "empty": empty, "leaf": leaf}
    run.save_checkpoint(1, awkward, {})
    tensors, _ = run.load_model()
    assert all(torch.equal(tensors[name], tensor) for name, tensor in awkward.items())


def test_few_are_kept_and_spread_over_all_ages(run):
    for step in range(0, 2001, 7):
        save(run, step, resumable=step % 70 == 0)
    kept = run.checkpoints()
    assert kept[0] == 0 and kept[-1] == 1995
    assert len(kept) < 40
    # No gap is wider than a quarter of a doubling, and a bit for the steps of 7.
    assert max(b / a for a, b in itertools.pairwise(kept[10:])) < 1.3
    # Two can be resumed, should one be damaged.
    assert sorted(path.parent.name for path in run.path.rglob("resume.json")) == [
        "000000001890",
        "000000001960",
    ]


def test_the_best_is_kept_until_a_better_one(run):
    assert run.best_checkpoint() is None
    for step in range(1000, 1100):
        save(run, step, resumable=False)
        if step in (1040, 1080):
            run.mark_best(step)
    assert run.checkpoints() == [1000, 1024, 1080, 1099] and run.best_checkpoint() == 1080
    checkpoints.drop_after(run.path / "checkpoints", 1000)  # training goes on from before it
    assert run.best_checkpoint() is None
    for spoilt in (b"", b"-3", b"\xff", b"9" * 100):
        (run.path / "checkpoints" / "best").write_bytes(spoilt)
        assert run.best_checkpoint() is None


def test_next_kept_is_what_thinning_keeps():
    taken, kept = set(), []
    for step in range(3000):
        if checkpoints.slot(step) not in taken:
            taken.add(checkpoints.slot(step))
            kept.append(step)
    step, predicted = 0, [0]
    while (step := checkpoints.next_kept(step)) < 3000:
        predicted.append(step)
    assert predicted == kept


def test_looking_back_does_not_cost_the_resume(run):
    save(run, 100)
    save(run, 101, resumable=False)
    save(run, 102, resumable=False)
    assert run.checkpoints() == [100, 102]
    assert run.resumable_step() == 100
    assert run.load_resume()[0] == 100
    assert run.checkpoints() == [100, 102]  # reading removes nothing
    assert resume(run, lambda saved: None) == 100
    assert run.checkpoints() == [100]  # training will make the later one again


def test_resume_puts_the_folder_back(run):
    for step in (1, 2, 3):
        run.log(step, float(step), {})
        save(run, step, resumable=step == 2)
    leftover = run.path / "checkpoints" / ".tmp-000000000004-123"
    leftover.mkdir()
    (leftover / "model.safetensors").write_bytes(b"half")
    assert run.checkpoints() == [1, 2, 3]  # half a checkpoint is none
    assert resume(run, lambda saved: None) == 2
    assert [row["step"] for row in run.metrics()] == [1, 2]
    assert sorted(path.name for path in (run.path / "checkpoints").iterdir()) == [
        "000000000001",
        "000000000002",
    ]


def test_saving_a_step_again_replaces_it(run):
    save(run, 5, resumable=False)
    save(run, 5)
    assert run.checkpoints() == [5] and run.resumable_step() == 5
    assert sorted(path.name for path in (run.path / "checkpoints").iterdir()) == ["000000000005"]


@pytest.mark.parametrize("file", ["model.safetensors", "meta.json", "resume.safetensors", "resume.json"])
def test_a_full_disk_leaves_the_last_good_checkpoint(run, monkeypatch, file):
    save(run, 1)

    def until_full(write):
        def full(path, data):
            written = write(path, data)
            if path.name == file:
                os.truncate(path, path.stat().st_size // 2)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return written

        return full

    monkeypatch.setattr(checkpoints, "write_bytes", until_full(checkpoints.write_bytes))
    monkeypatch.setattr(checkpoints, "write_tensors", until_full(checkpoints.write_tensors))
    with pytest.raises(UserError, match="because the disk is full; the checkpoint of step 1 is unharmed"):
        save(run, 2)
    assert run.checkpoints() == [1]
    assert run.load_resume()[0] == 1 and torch.equal(run.load_model()[0]["w"], torch.ones(3))
    assert len(list((run.path / "checkpoints").iterdir())) == 1


def test_a_full_disk_at_the_first_checkpoint_says_so(run, monkeypatch):
    def full(path, data, sync=False):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoints, "write_bytes", full)
    with pytest.raises(UserError, match="there is no earlier checkpoint"):
        save(run, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing limits the size of files there")
def test_what_the_system_refuses_to_write_is_told_in_its_words(run):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, limits[1]))
    try:
        with pytest.raises(UserError, match=r"because .*too large; there is no earlier checkpoint"):
            run.save_checkpoint(1, {"w": torch.zeros(2**16)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert run.checkpoints() == []


def test_tensors_are_written_without_a_copy(run):
    """A copy of everything, made to be written, was most of the time of saving a large network."""
    script = (
        "import resource, sys, torch; from pathlib import Path\n"
        "from sandbox.runs.tensor_files import write_tensors\n"
        "tensors = {str(i): torch.ones(2**20) for i in range(32)}\n"
        "write_tensors(Path(sys.argv[1]), {'small': torch.ones(8)})\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "write_tensors(Path(sys.argv[1]), tensors)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    command = [sys.executable, "-c", script, str(run.path / "x.safetensors")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 2**10
    assert int(done.stdout) * unit < 2**25  # of 2**27 bytes


@pytest.mark.parametrize("content", [b"", b"\x00" * 7, b"\xff" * 200, None])
@pytest.mark.parametrize("file", ["model.safetensors", "resume.safetensors"])
def test_a_corrupt_checkpoint_is_named(run, file, content):
    save(run, 1)
    path = checkpoints.folder_of(run.path / "checkpoints", 1) / file
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(UserError) as error:
        run.load_model() if file.startswith("model") else run.load_resume()
    assert str(path) in str(error.value)


def test_a_corrupt_meta_file_is_named(run):
    save(run, 1)
    path = checkpoints.folder_of(run.path / "checkpoints", 1) / "meta.json"
    path.write_text("{")
    with pytest.raises(UserError, match=r"meta.json is corrupt"):
        run.load_model()


def test_missing_checkpoints_are_a_sentence(run):
    with pytest.raises(UserError, match="snake-001 has no checkpoint yet"):
        run.load_model()
    with pytest.raises(UserError, match="no checkpoint to resume from"):
        run.load_resume()
    save(run, 10)
    save(run, 20)
    with pytest.raises(UserError, match="no checkpoint of step 13; the nearest is 10"):
        run.load_model(13)

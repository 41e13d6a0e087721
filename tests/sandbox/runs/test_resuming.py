"""Going on with a run: the newest checkpoint that is whole and fits; nothing is removed before one does."""

import json
import os
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn

from sandbox import cli
from sandbox.devices import seed_everything
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run, checkpoints
from sandbox.runs.resuming import resume
from sandbox.training import fit as fit_module
from sandbox.training import save_schedule
from sandbox.training.fit import fit
from sandbox.training.supervised import Supervised


def save(run, step, resumable=True):
    run.log(step, float(step), {"loss": 1.0})
    rest = ({"m": torch.full((2,), float(step))}, {"lr": 0.1}) if resumable else None
    run.save_checkpoint(step, {"w": torch.full((3,), float(step))}, {"step": step}, rest)


def everything(run):
    """Each file of the run below it, with its content."""
    paths = sorted(
        path for path in run.path.rglob("*") if path.is_file() and path.name not in ("status.json", "lock")
    )
    return {str(path.relative_to(run.path)): path.read_bytes() for path in paths}


def flip(path: Path) -> None:
    """Flip one bit in the last part of a file, where tensors are."""
    data = bytearray(path.read_bytes())
    data[-3] ^= 16
    path.write_bytes(data)


@pytest.fixture
def run():
    run = Run.create("snake", {})
    for step in (1, 2, 3):
        save(run, step)
    return run


def file_of(run, step, name):
    return checkpoints.folder_of(run.path / "checkpoints", step) / name


FILES = ["model.safetensors", "meta.json", "resume.safetensors", "resume.json"]


@pytest.mark.parametrize("file", FILES)
def test_a_flipped_bit_is_noticed(run, file):
    path = file_of(run, 3, file)
    for position in range(path.stat().st_size):
        data = bytearray(path.read_bytes())
        data[position] ^= 1 << position % 8
        path.write_bytes(data)
        try:
            saved = checkpoints.load(run.path / "checkpoints", 3)
        except UserError as error:
            assert f"{path} is corrupt" in str(error) or "is corrupt" in str(error)
        else:  # in the layout, or the name of the checksums: what counts is what was saved
            assert file == "meta.json" and torch.equal(saved.model["w"], torch.full((3,), 3.0))
        data[position] ^= 1 << position % 8
        path.write_bytes(data)


@pytest.mark.parametrize("file", ["model.safetensors", "meta.json"])
def test_looking_notices_a_flipped_bit_too(run, file):
    path = file_of(run, 1, file)
    path.write_bytes(path.read_bytes().replace(b'"step": 1', b'"step": 5'))
    if file.startswith("model"):
        flip(path)
    with pytest.raises(UserError, match="is not what was saved"):
        run.load_model(1)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("content", [None, b"", b"{}", b"[" * 100_000, b'{"seconds": NaN}', b"\x00" * 300])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(run, file, content, caplog):
    if (file, content) == ("meta.json", b"{}"):
        pytest.skip("earlier versions had no checksums, and all that is needed is there")
    path = file_of(run, 3, file)
    path.unlink() if content is None else path.write_bytes(content)
    taken = []
    assert resume(run, taken.append) == 2
    assert [saved.step for saved in taken] == [2]
    assert run.checkpoints() == [1, 2] and [row["step"] for row in run.metrics()] == [1, 2]
    if file != "resume.json" or content is not None:
        assert "snake-001 goes on from step 2." in caplog.text


def test_where_nothing_fits_nothing_is_removed(run):
    for step in (2, 3):
        flip(file_of(run, step, "resume.safetensors"))
    save(run, 4, resumable=False)
    before = everything(run)
    with pytest.raises(UserError, match=r"step|000000000003.* nothing was changed") as error:
        resume(run, lambda saved: None)
    assert str(file_of(run, 3, "resume.safetensors")) in str(error.value)
    assert everything(run) == before


def test_a_checkpoint_that_does_not_fit_is_one_sentence_and_nothing_is_removed(run):
    def refuse(saved):
        raise RecursionError("maximum recursion depth\n  exceeded")

    before = everything(run)
    with pytest.raises(
        UserError, match=r"step 3 does not fit what snake-001 trains \(RecursionError: maximum"
    ):
        resume(run, refuse)
    assert everything(run) == before


def test_a_run_without_one_begins_again():
    run = Run.create("snake", {})
    save(run, 0, resumable=False)
    save(run, 4, resumable=False)
    assert resume(run, lambda saved: None) is None
    assert run.checkpoints() == [] and run.metrics() == []


def test_rows_after_the_checkpoint_of_their_own_step_are_cut(run):
    run.log(3, 3.5, {"test": 1.0})
    assert resume(run, lambda saved: None) == 3
    assert [row["seconds"] for row in run.metrics()] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("step", [2, 3])
def test_a_checkpoint_that_stepped_aside_and_was_left_there_counts(run, step):
    """What `kill -9` between the two renames of a checkpoint that is saved again leaves."""
    folder = run.path / "checkpoints"
    aside = folder / f".tmp-{step:012d}-4711-old"
    (folder / f"{step:012d}").rename(aside)
    (folder / f".tmp-{step:012d}-4711").mkdir()
    assert run.checkpoints() == [1, 2, 3] and run.resumable_step() == 3
    assert torch.equal(run.load_model(step)[0]["w"], torch.full((3,), float(step)))
    assert resume(run, lambda saved: None) == 3
    assert sorted(path.name for path in folder.iterdir()) == [f"{step:012d}" for step in (1, 2, 3)]
    assert run.load_resume()[0] == 3


def test_a_new_checkpoint_that_cannot_take_its_place_leaves_the_old_one(run, monkeypatch):
    rename = Path.rename

    def full(self, target):
        if self.name.startswith(".tmp-") and not self.name.endswith("-old"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(UserError, match="the disk is full; the checkpoint of step 3 is unharmed"):
        save(run, 3)
    monkeypatch.undo()
    assert run.checkpoints() == [1, 2, 3] and run.load_resume()[0] == 3


def test_checkpoints_without_checksums_are_read(run):
    """Those of earlier versions."""
    for step in (2, 3):
        path = file_of(run, step, "meta.json")
        path.write_text(json.dumps({"step": step}))
    taken = []
    assert resume(run, taken.append) == 3
    assert taken[0].log_bytes is None and run.load_model()[1] == {"step": 3}
    tensors = {"m": torch.tensor([float("nan"), 1.0])}
    file_of(run, 3, "resume.safetensors").write_bytes(safetensors.torch.save(tensors))
    with pytest.raises(UserError, match="m holds values that are not finite"):
        checkpoints.load(run.path / "checkpoints", 3)


# -- trainings


def training(run, again=False, width=3):
    seed_everything(0)
    model = nn.Linear(2, width)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = torch.ones(4, 2), torch.zeros(4, dtype=torch.int64)
    learner = Supervised(model, optimizer, nn.functional.cross_entropy)
    return fit(learner, lambda step: (x, y), 6, run=run, resume=again)


@pytest.fixture
def eager(monkeypatch):
    for name in ("LOOK_EVERY", "SAVE_FIRST", "SAVE_EVERY"):
        monkeypatch.setattr(fit_module, name, 0.0)
    monkeypatch.setattr(save_schedule, "SHARE", 1e9)


@pytest.fixture
def stopped(eager):
    """A training that was stopped at step 4."""
    run = Run.create("test", {})
    events = training(run)
    for progress in events:
        if progress.step == 4:
            events.close()
    return run


@pytest.mark.parametrize("checksums", [True, False])
@pytest.mark.parametrize("kind", ["missing", "other shape", "nan", "other dtype"])
@pytest.mark.parametrize("name", ["optimizer.state.0.exp_avg", "random.torch", "weight"])
def test_tensors_that_are_not_its_own_are_never_trained_on(stopped, name, kind, checksums):
    whole = Run.create("test", {})
    assert drive(whole, training(whole)) == "done"
    path = file_of(stopped, 4, "model.safetensors" if name == "weight" else "resume.safetensors")
    tensors = safetensors.torch.load(path.read_bytes())
    tensor = tensors.pop(name)
    change = {
        "other shape": lambda: torch.ones(5, dtype=tensor.dtype),
        "nan": lambda: torch.full(tensor.shape, float("nan")),
        "other dtype": lambda: tensor.to(torch.complex64),
    }
    if kind != "missing":
        tensors[name] = change[kind]()
    if not checksums and kind == "other dtype" and name != "random.torch":
        pytest.skip("earlier versions had no checksums, and torch converts")
    path.write_bytes(safetensors.torch.save(tensors))
    if not checksums:
        file_of(stopped, 4, "meta.json").write_text(json.dumps({"step": 4}))
    assert drive(stopped, training(stopped, again=True)) == "done", stopped.status()
    assert torch.equal(stopped.load_model()[0]["weight"], whole.load_model()[0]["weight"])
    assert 3 in stopped.checkpoints()


def test_a_refused_resume_leaves_everything_as_it_was(stopped):
    before = everything(stopped)
    assert drive(stopped, training(stopped, again=True, width=7)) == "failed"
    message = stopped.status()["message"]
    assert "step 4 does not fit what test-001 trains" in message and message.count("\n") == 0
    assert not (stopped.path / "error.txt").exists()
    assert everything(stopped) == before
    assert drive(stopped, training(stopped, again=True)) == "done"


def test_a_run_killed_before_its_first_checkpoint_begins_again(capsys):
    words = ["--total-timesteps", "2048", "--eval-episodes", "2", "--final-episodes", "2", "--seed", "7"]
    assert cli.main(["train", "cartpole", *words]) == 0
    whole = Run.open("cartpole-001")
    settings = whole.config["settings"]
    argv = ["train", "cartpole", *words]
    early = Run.create("cartpole", {"argv": argv, "seed": 7, "agent": "ppo", "settings": settings})
    earlier = Run.create("cartpole", {"argv": argv})  # before the command had read its settings
    for run in (early, earlier):
        run.update_status(launching=None)
        assert "resuming begins it again" in run.status()["message"]
        assert cli.main(["train", "--resume", run.name]) == 0
        done = Run.open(run.name)
        assert done.status()["state"] == "done" and done.config["settings"] == settings
        (mine, _), (theirs, _) = done.load_model(), whole.load_model()
        assert all(torch.equal(mine[name], theirs[name]) for name in theirs)


def test_after_a_full_disk_it_goes_on_from_where_it_said(eager, monkeypatch):
    run, whole = Run.create("test", {}), Run.create("test", {})
    assert drive(whole, training(whole)) == "done"
    write = checkpoints.write_bytes

    def full(path, data, sync=False):
        if path.parent.name.startswith(f".tmp-{4:012d}"):
            raise OSError(28, os.strerror(28))
        write(path, data, sync)

    monkeypatch.setattr(checkpoints, "write_bytes", full)
    assert drive(run, training(run)) == "failed"
    assert "because the disk is full; the checkpoint of step 3 is unharmed" in run.status()["message"]
    monkeypatch.setattr(checkpoints, "write_bytes", write)
    steps = []
    assert drive(run, training(run, again=True), lambda progress: steps.append(progress.step)) == "done"
    assert steps[0] == 4
    assert torch.equal(run.load_model()[0]["weight"], whole.load_model()[0]["weight"])


@pytest.mark.parametrize("share", [1e9, 1e-9])
def test_every_step_that_lasts_longer_than_the_interval_is_saved(monkeypatch, share):
    monkeypatch.setattr(save_schedule, "SHARE", share)
    schedule = save_schedule.SaveSchedule(0.0)
    due = []
    for update in range(1, 5):
        if schedule.is_due(6.0 * update):
            due.append(update)
            schedule.saved(6.0 * update, 0.1)
    assert due == ([1, 2, 3, 4] if share > 1 else [1])

"""`sandbox predict`: files in, answers out as text, JSON and files; generators make something new."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sandbox import cli
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.tasks.outputs.image import Image
from sandbox.tasks.outputs.numbers import Numbers


@dataclass
class Stand:
    """A predictor of the simplest kind: the length of a text file, or pictures of nothing."""

    input: Any
    output: Any

    def predict(self, inputs):
        return [np.full((1, 4, 4), value) for value in inputs] if self.input.files == "" else inputs


class Texts:
    kind, files = "text", "a text file"

    def read(self, file):
        text = file.read_text()
        if not text:
            raise UserError(f"{file.name} is empty.")
        return text

    def encode(self, raw):
        return np.array([float(len(raw))])


class Noise:
    kind, files = "noise", ""

    def draw(self, count, seed):
        return np.random.default_rng(seed).random(count)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """A run with a predictor that is set by `run.use`."""
    found = Run.create("vision/classify", {"kind": "task"})
    monkeypatch.chdir(tmp_path)

    def use(predictor):
        monkeypatch.setattr("sandbox.tasks.loading.load_predictor", lambda run, step: predictor)
        return found.name

    return use


def test_each_file_is_answered_and_saved(run, tmp_path, capsys):
    name = run(Stand(Texts(), Numbers(["letters"])))
    (tmp_path / "a").mkdir()
    for file, text in (("one.txt", "x"), ("a/one.txt", "xyz"), ("none.txt", "")):
        (tmp_path / file).write_text(text)
    assert cli.main(["predict", name, "one.txt", "a/one.txt", "none.txt", "--save", "out", "--json"]) == 2
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["predictions"] == {"one.txt": {"letters": 1.0}, "a/one.txt": {"letters": 3.0}}
    assert found["problems"] == {"none.txt": "none.txt is empty."}
    assert [(tmp_path / path).read_text()[-4:-1] for path in found["saved"].values()] == ["1.0", "3.0"]
    assert printed.err == "none.txt is empty.\n"
    assert cli.main(["predict", name, "one.txt"]) == 0
    assert "letters 1" in capsys.readouterr().out


def test_without_a_file_it_says_what_it_takes(run, tmp_path, capsys):
    name = run(Stand(Texts(), Numbers(["letters"])))
    assert cli.main(["predict", name]) == 2
    assert "it takes a text file." in capsys.readouterr().err
    (tmp_path / "one.txt").write_text("x")
    assert cli.main(["predict", name, "one.txt", "--save", "one.txt"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_generator_saves_something_new(run, tmp_path, capsys):
    name = run(Stand(Noise(), Image()))
    assert cli.main(["predict", name, "--save", "made"]) == 0
    assert len(list((tmp_path / "made").glob("sample-*.png"))) == 8
    assert "a picture of 4 x 4 pixels" in capsys.readouterr().out
    for arguments in (["one.png"], []):
        assert cli.main(["predict", name, *arguments]) == 2
        assert "takes no files, it makes something new" in capsys.readouterr().err

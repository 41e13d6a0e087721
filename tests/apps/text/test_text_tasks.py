"""What the tasks over text reach, on what comes with Python and on real data."""

import json
from dataclasses import replace

import pytest
import torch

from apps.text import classify, write
from sandbox import cli
from sandbox.metrics.scores import with_intervals
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.families.text_classification import TextExamples
from sandbox.tasks.training import train_task

CPU = torch.device("cpu")


def learned(task, settings, source=None):
    """Figures after a training, with the split."""
    torch.manual_seed(0)
    split = task.load(settings, source)
    training = task.prepare(settings, split, seed=0, device=CPU)
    for step in range(training.total):
        training.learner.step(training.batches(step))
    return with_intervals(task.measure(training.predictor, split.test)), split


def figures_of(task, settings, split):
    """Figures of each baseline."""
    return {
        name: with_intervals(task.measure(one, split.test))
        for name, one in task.baselines(settings, split).items()
    }


@pytest.mark.thorough
def test_words_say_which_part_of_the_reference_a_passage_is_from():
    settings = replace(classify.TASK.settings(), steps=200)
    found, split = learned(classify.TASK, settings)
    (baseline,) = figures_of(classify.TASK, settings, split).values()
    assert found["test_accuracy"] > 0.72 and baseline["test_accuracy"] > 0.72
    assert found["test_balanced_accuracy"] > 0.65


@pytest.mark.thorough
@pytest.mark.parametrize("block", ["lstm", "attention"])
def test_a_short_training_foresees_most_of_the_reference(block):
    settings = replace(write.TASK.settings(), block=block, hidden=96, steps=150, learning_rate=0.006)
    found, _ = learned(write.TASK, settings)
    assert found["test_bits_per_character"] < 3.3


@pytest.mark.thorough
def test_predict_goes_on_with_a_file_as_it_is_told(tmp_path, capsys):
    settings = replace(write.TASK.settings(), **write.TASK.tiny)
    run = Run.create("text/write", {"seed": 0, "threads": 1, "kind": "task"}, tmp_path / "runs")
    assert drive(run, train_task(write.TASK, settings, run)) == "done"
    prompt = tmp_path / "prompt.txt"
    prompt.write_bytes("The “for” statement\r\n".encode("utf-16"))
    words = ["predict", str(run.path), str(prompt), "--json", "--save", str(tmp_path / "out")]
    assert cli.main([*words, "--set", "length=33", "temperature=0.5"]) == 0
    (text,) = json.loads(capsys.readouterr().out)["predictions"].values()
    assert len(text) == 33 and (tmp_path / "out" / "prompt.txt").read_text(encoding="utf-8") == text + "\n"
    assert cli.main([*words, "--set", "lenght=3"]) == 2
    assert "length" in capsys.readouterr().err
    prompt.write_bytes(b"\x00\x01\x02")
    assert cli.main(words) == 2
    assert "not a text file" in capsys.readouterr().err


@pytest.mark.thorough
def test_five_characters_of_shakespeare(real_data):
    """The strongest simple method, on the last tenth: 2.28 bits per character."""
    split = write.TASK.load(write.TASK.settings(), str(real_data("tinyshakespeare") / "input.txt"))
    counted = next(iter(write.TASK.baselines(write.TASK.settings(), split).values()))
    found = write.TASK.measure(counted, split.test)["bits_per_character"].mean
    assert found == pytest.approx(2.28, abs=0.01)
    assert sum(map(len, split.test.inputs)) == pytest.approx(111_540, abs=100)


@pytest.mark.thorough
def test_the_wishes_of_clinc150(real_data):
    """Required: 90 % of the test split."""
    settings = classify.TASK.settings()
    found, split = learned(classify.TASK, settings, str(real_data("clinc150") / "data_full.json"))
    assert isinstance(split.test, TextExamples)
    assert len(split.test) == 4_498 and len(split.classes) == 150 and len(split.test.outside) == 1_000
    assert found["test_accuracy"] > 0.91 and found["test_out_of_scope_auc"] > 0.93

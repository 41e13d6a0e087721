"""Answers over time: printed, as JSON and saved, by network; judged network by network."""

import csv

import numpy as np
import pytest
import torch

from sandbox.metrics.answers import answer_scores
from sandbox.metrics.scores import means
from sandbox.tasks.outputs.answers import Answers

SYMBOLS = Answers(what="symbol", symbols="AB", names=("rnn", "lstm"), count=2, length=4)
SCORES = np.array([[[2.0, 1.0], [0.0, 1.0]], [[0.0, 3.0], [0.0, 1.0]]])


def test_symbols_are_letters(tmp_path):
    assert SYMBOLS.to_json(SCORES) == {"rnn": "AB", "lstm": "BB"}
    assert SYMBOLS.text(SCORES) == "rnn AB  lstm BB"
    with SYMBOLS.save(SCORES, tmp_path, "one").open() as file:
        assert [row[0] for row in csv.reader(file)] == ["rnn", "lstm"]


def test_numbers_have_the_units_of_the_data():
    output = Answers(what="number", title="the next value", scale=(10.0, 2.0))
    assert output.to_json(np.array([[[1.5]]])) == {"the next value": [13.0]}
    assert output.text(np.array([[[1.5]]])) == "the next value 13"


def test_longer_sequences_have_more_answers_only_where_each_step_is_answered():
    assert SYMBOLS.answered(7) == 2
    assert Answers(what="bit", count=2, length=4, grows=True).answered(7) == 5


def test_each_network_has_figures_of_its_own_and_the_main_ones_are_means():
    found = means(
        answer_scores(
            "symbol",
            torch.tensor(SCORES)[None],
            torch.tensor([[0, 1]]),
            names=SYMBOLS.names,
            tolerance=0.0,
        )
    )
    assert found["test_accuracy_rnn"] == 1.0 and found["test_accuracy_lstm"] == 0.5
    assert found["test_accuracy"] == 0.75
    assert found["test_loss"] == pytest.approx((found["test_loss_rnn"] + found["test_loss_lstm"]) / 2)


def test_a_number_is_correct_within_the_tolerance():
    outputs, targets = torch.tensor([[[[1.0]]], [[[1.0]]]]), torch.tensor([[[1.03]], [[1.05]]])
    found = means(answer_scores("number", outputs, targets, names=(), tolerance=0.04))
    assert found["test_accuracy"] == 0.5 and set(found) == {"test_accuracy", "test_loss"}

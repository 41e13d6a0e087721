"""Drawing the next token, and networks that write."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from apps.text.write import TASK
from sandbox.data.passages import divided, passages
from sandbox.data.reference_text import topics
from sandbox.data.streams import Streams
from sandbox.errors import UserError
from sandbox.tasks.writer import Drawing, draw, tempered

KINDS = [("characters", "lstm"), ("characters", "attention"), ("subwords", "lstm"), ("subwords", "attention")]


@pytest.fixture(scope="module", params=KINDS, ids=["-".join(kind) for kind in KINDS])
def writer(request):
    tokens, block = request.param
    settings = replace(TASK.settings(), tokens=tokens, block=block, hidden=16, context=24, batch_size=4)
    torch.manual_seed(0)
    split = TASK.load(settings, None)
    training = TASK.prepare(settings, split, seed=0, device=torch.device("cpu"))
    for step in range(3):
        training.learner.step(training.batches(step))
    return training.predictor


TEXT = topics()["truth"][:400]


def test_temperature_and_the_best_few():
    probabilities = np.array([0.1, 0.5, 0.25, 0.1, 0.05])
    assert tempered(probabilities, Drawing(temperature=0)).tolist() == [0, 1, 0, 0, 0]
    found = tempered(probabilities, Drawing(temperature=1, top_k=2))
    assert found == pytest.approx([0, 2 / 3, 1 / 3, 0, 0])
    found = tempered(probabilities, Drawing(temperature=0.5))
    assert found[1] / found[2] == pytest.approx(4) and found.sum() == pytest.approx(1) and found[0] == 0


def test_draws_follow_the_probabilities():
    generator, probabilities = np.random.default_rng(0), np.array([0.0, 0.7, 0.3])
    drawn = [draw(probabilities, Drawing(temperature=1), generator) for _ in range(4_000)]
    assert np.mean(np.array(drawn) == 1) == pytest.approx(0.7, abs=0.03)


@pytest.mark.thorough
def test_bits_are_those_of_the_probabilities_token_by_token(writer):
    tokens = writer.encode(TEXT)[: 20 if writer.model.block == "attention" else 60]
    state, found = writer.begin(tokens[:0]), []
    for token in tokens:
        found.append(-np.log2(writer.probabilities(state)[token]))
        state = writer.advance(state, int(token))
    assert writer.bits_of(tokens) == pytest.approx(found, abs=1e-3)


@pytest.mark.thorough
def test_texts_side_by_side_cost_what_they_cost_alone(writer):
    texts = [TEXT, TEXT[:10], TEXT[50:333], "x"]
    alone = [writer.bits_of(writer.encode(text)).sum() for text in texts]
    assert writer.total_bits(texts) == pytest.approx(alone, rel=1e-4)
    assert all((writer.bits_of(writer.encode(text)) > 0).all() for text in texts)


@pytest.mark.thorough
def test_streaming_is_writing_and_the_seed_decides(writer):
    whole = writer.write("The ", Drawing(draw_seed=1, length=80))
    assert "".join(islice(writer.stream("The ", Drawing(draw_seed=1)), 80))[:80] == whole
    assert writer.write("The ", Drawing(draw_seed=2, length=80)) != whole
    assert len(writer.write("", Drawing(length=5))) == 5


@pytest.mark.thorough
def test_a_character_nobody_knows_costs_one_of_unicode(writer):
    if writer.vocabulary.merges:
        return
    plain, strange = writer.total_bits(["ab", "☃☃"])
    assert strange > plain + 30


def test_passages_leave_nothing_out_and_end_with_lines():
    text = topics()["debugger"]
    found = passages(text, 500)
    assert "".join(found) == text and max(map(len, found)) <= 500
    assert sum(passage.endswith("\n") for passage in found) > 0.9 * len(found)
    assert passages("x" * 1_001, 500) == ["x" * 500, "x" * 500, "x"]


def test_whole_texts_are_unseen_where_there_are_many():
    found = {str(i): f"{i:02d}" * 50 + "\n" for i in range(40)}
    train, test = divided(found, 0.1, 0)
    assert len(test) == 4 and not set(train) & set(test)
    train, test = divided({"one": "a line\n" * 1_000}, 0.1, 0)
    assert len(train[0]) == pytest.approx(6_300, abs=8) and len(train[0]) + len(test[0]) == 7_000


def test_streams_go_on_where_they_ended():
    streams = Streams(torch.arange(1_000), rows=4, length=10, seed=0)
    (x, y), (after, _) = streams(0), streams(1)
    assert (
        x.shape == (4, 10) and ((y - x) % 1_000 == 1).all() and ((after[:, 0] - x[:, -1]) % 1_000 == 1).all()
    )
    assert [step for step in range(60) if streams.begins(step)] == [0, 24, 48]
    again = Streams(torch.arange(1_000), rows=4, length=10, seed=0)
    assert (again(30)[0] == streams(30)[0]).all() and not (streams(24)[0] == streams(0)[0]).all()


@pytest.mark.parametrize("count", [3, 7, 40])
def test_streams_of_short_texts(count):
    streams = Streams(torch.arange(count), rows=32, length=64, seed=0)
    x, y = streams(5)
    assert x.shape == y.shape and x.numel()


def test_a_short_or_missing_text_is_one_sentence(tmp_path):
    (tmp_path / "a.txt").write_text("too short")
    with pytest.raises(UserError, match="too short to learn from"):
        TASK.load(TASK.settings(), str(tmp_path / "a.txt"))
    with pytest.raises(UserError, match="no/such"):
        TASK.load(TASK.settings(), "no/such")


@pytest.mark.thorough
def test_a_writer_can_be_told_how_to_write(writer):
    before = writer.drawing
    writer.told({"temperature": "0.5", "length": "7"})
    assert writer.drawing == replace(before, temperature=0.5, length=7) and len(writer.predict(["a"])[0]) == 7
    for values, said in (
        ({"temprature": "1"}, "temperature"),
        ({"length": "x"}, "number"),
        ({"length": "0"}, "length"),
    ):
        with pytest.raises(UserError, match=said):
            writer.told(values)
    writer.drawing = before

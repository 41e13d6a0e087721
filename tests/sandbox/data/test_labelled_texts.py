"""Texts with labels from CSV and JSON files as people have them."""

import json

import numpy as np
import pytest

from sandbox.data import labelled_texts, reference_text
from sandbox.data.text_features import TextFeatures, hashed
from sandbox.errors import UserError

ROWS = [(f"the cat number {i} sleeps", "cats") for i in range(8)]
ROWS += [(f'a dog, "number {i}", barks', "dogs") for i in range(8)]


def table(separator: str, head: bool = True) -> str:
    quoted = [(f'"{text.replace(chr(34), 2 * chr(34))}"', label) for text, label in ROWS]
    rows = [("utterance", "intent")] * head + quoted
    return "\n".join(separator.join(row) for row in rows) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_all_countries(tmp_path, separator, encoding):
    (tmp_path / "a.csv").write_bytes(table(separator).encode(encoding))
    found = labelled_texts.load(tmp_path / "a.csv")
    assert found.classes == ("cats", "dogs") and (len(found.train), len(found.test)) == (12, 4)
    assert np.bincount(found.test_labels).tolist() == [2, 2] and not set(found.train) & set(found.test)
    assert 'a dog, "number 3", barks' in {*found.train, *found.test}


def test_columns_by_name_and_number(tmp_path):
    rows = "\n".join(f"{label};{i};{text};{i % 2}" for i, (text, label) in enumerate(ROWS))
    (tmp_path / "a.csv").write_text("kind;id;text;half\n" + rows.replace('"', ""))
    assert labelled_texts.load(tmp_path / "a.csv", "text", "kind").classes == ("cats", "dogs")
    assert labelled_texts.load(tmp_path / "a.csv", "3", "4").classes == ("0", "1")
    with pytest.raises(UserError, match=r"no column 'knid'.*kind"):
        labelled_texts.load(tmp_path / "a.csv", "text", "knid")


def test_what_is_left_out_is_told(tmp_path):
    text = table(",") + '"the cat number 1 sleeps",cats\n"",dogs\n"alone",birds\n'
    (tmp_path / "a.csv").write_text(text)
    found = labelled_texts.load(tmp_path / "a.csv")
    assert found.classes == ("cats", "dogs")
    assert [note.split()[0] for note in found.notes] == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "text\nonly one\ncolumn\n", "two columns"),
        ("a.csv", "text,label\na,x\nb,x\n", "no column of labels"),
        ("a.csv", "", "empty"),
        ("a.json", "{", "not a JSON file"),
        ("a.json", '{"train": []}', "needs lists"),
        ("a.json", '[["a"]]', "pairs"),
        ("a.json", '[["a", "x"], ["b", "x"]]', "two are needed"),
        ("a.json", "[" * 100_000, "not a JSON file"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=said) as refusal:
        labelled_texts.load(tmp_path / name)
    assert "\n" not in str(refusal.value)


def test_the_form_of_clinc150(tmp_path):
    content = {
        "train": [*map(list, ROWS)],
        "test": [["a cat", "cats"], ["the cat number 1 sleeps", "cats"], ["one dog", "dogs"]],
        "val": [["nothing", "cats"]],
        "oos_test": [["how are you", "oos"]],
        "oos_train": [["hello", "oos"]],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    found = labelled_texts.load(tmp_path / "a.json")
    assert found.test == ["a cat", "one dog"] and found.outside == ["how are you"]
    assert len(found.train) == 16 and found.notes == ("1 test texts are also learned from, and left out.",)
    assert found.aside == ["nothing"] and found.aside_labels.tolist() == [0]


def test_a_folder_that_its_makers_have_divided(tmp_path):
    (tmp_path / "train.csv").write_text(table(","))
    (tmp_path / "test.csv").write_text(
        "utterance,intent\na cat,cats\nthe cat number 1 sleeps,cats\none dog,dogs\n"
    )
    found = labelled_texts.load(tmp_path)
    assert found.classes == ("cats", "dogs") and found.test == ["a cat", "one dog"]
    assert len(found.train) == 16 and found.notes == ("1 test texts are also learned from, and left out.",)
    (tmp_path / "test.csv").unlink()
    with pytest.raises(UserError, match=r"test\.csv"):
        labelled_texts.load(tmp_path)


def test_the_parts_of_the_reference_do_not_leak():
    found = reference_text.parts()
    assert len(found.classes) == 8 and not set(found.train) & set(found.test)
    assert np.bincount(found.test_labels).min() >= 5


def test_features_weigh_rare_ones_more_and_rows_have_length_one():
    counts = hashed([text for text, _ in ROWS])
    features = TextFeatures.of(counts)
    rows = features.matrix(counts)
    assert np.sqrt(rows.multiply(rows).sum(1)) == pytest.approx(1, abs=1e-5)
    assert features.matrix(hashed(["☃ ☃"])).nnz == 0
    bags = features.bags(counts)
    assert len(bags) == 16 and bags.offsets[-1] == len(bags.features) == len(bags.weights)


def test_a_text_of_unknown_words_is_hardly_covered():
    counts = hashed([text for text, _ in ROWS])
    features = TextFeatures.of(counts)
    known, half, none = features.coverage(hashed(["the cat sleeps", "the cat xylophones", "☃ qzvkx"]))
    assert known > 0.7 > half > 0.2 > none

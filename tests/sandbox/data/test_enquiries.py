"""Questions with answers as people have them, and labelled texts without."""

import numpy as np
import pytest

from sandbox.data import enquiries
from sandbox.data.labelled_texts import load
from sandbox.errors import UserError

MARKDOWN = """# Where is my order?
# Has my parcel been sent?

You find it under My orders in your account. The number of the carrier is beside it. It is shown as soon as
the parcel has left us.

## How do I pay?

By card or by bank transfer, as you like. We take no cheques at all, we are sorry.

# An empty one
"""
TABLE = "id,question,answer\n" + "".join(
    f'{i},"How, in way {i}, do I {verb} it?","You {verb} it with the button on the left."\n'
    for verb in ("open", "close")
    for i in range(5)
)


def test_headings_are_questions(tmp_path):
    path = tmp_path / "faq.md"
    path.write_text(MARKDOWN)
    assert enquiries.is_faq(path)
    found = enquiries.from_faq(path, 0)
    texts = found.texts
    assert texts.classes == ("Where is my order?", "How do I pay?") and len(found.answers) == 2
    # One question or two each: a sentence of the answer tests instead.
    assert len(texts.test) == 2 and "a sentence of each" in found.note
    assert {"Where is my order?", "Has my parcel been sent?", "How do I pay?"} <= set(texts.train)
    assert not set(texts.test) & {*texts.train, *texts.aside} and set(texts.test).isdisjoint(texts.aside)
    for text, label in zip(texts.test, texts.test_labels, strict=True):
        assert text in " ".join(found.answers[int(label)].split())


def test_a_table_with_several_questions_for_an_answer(tmp_path):
    path = tmp_path / "faq.csv"
    path.write_text(TABLE)
    assert enquiries.is_faq(path)
    found = enquiries.from_faq(path, 0)
    assert len(found.answers) == 2 and not found.note
    assert len(found.texts.test) == 2 and len(found.texts.aside) == 2
    assert all(text.startswith("How, in way") for text in [*found.texts.test, *found.texts.aside])
    assert np.bincount(found.texts.train_labels).tolist() == [4, 4]  # three questions, and the answer


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.md", "no heading at all", "0 answers"),
        ("a.md", "# One?\nYes.\n# Two?\nNo.\n", "nothing to test with"),
        ("a.csv", "question,answer\nwhy?,so\n", "1 answers"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=said) as refusal:
        enquiries.from_faq(tmp_path / name, 0)
    assert "\n" not in str(refusal.value)


def test_labelled_texts_keep_a_tenth_aside(tmp_path):
    path = tmp_path / "texts.csv"
    rows = [f"text {i} about {label},{label}" for label in ("cats", "dogs") for i in range(40)]
    path.write_text("text,label\n" + "\n".join(rows))
    assert not enquiries.is_faq(path)
    found = enquiries.without_answers(load(path), 0)
    texts = found.texts
    assert np.bincount(texts.aside_labels).tolist() == [3, 3] and len(texts.train) == 54
    assert not {*texts.train} & {*texts.aside, *texts.test} and not {*texts.aside} & {*texts.test}
    assert found.answers == ["", ""]

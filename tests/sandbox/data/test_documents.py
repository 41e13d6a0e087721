"""Documents cut into passages, and sentences that are taken out of them."""

from sandbox.data import documents
from sandbox.data.documents import passages_of
from sandbox.data.reference_text import topics

TEXT = """Before all headings there are a few words of introduction, long enough to count.

Loops
=====

A loop repeats what stands in it until a condition is false. The body is indented by four spaces. A break
leaves the loop at once. The else clause runs if there was no break.

   while_stmt ::= "while" assignment_expression ":" suite

## Functions ##

A function is called with arguments in parentheses. It returns a value to whoever has called it.
"""


def test_passages_know_their_headings():
    found = passages_of({"intro": TEXT})
    assert [passage.title for passage in found] == ["intro", "Loops", "Functions"]
    assert "while_stmt" in found[1].text and "=====" not in found[1].text
    assert len(documents.sentences(found[1].text)) == 4


def test_long_sections_are_cut_between_paragraphs():
    paragraphs = [f"Paragraph {i} " + "with words " * 20 for i in range(9)]
    found = passages_of({"long": "\n\n".join(paragraphs)})
    assert len(found) > 3 and all(len(passage.text) <= documents.SIZE for passage in found)
    assert "\n\n".join(passage.text for passage in found) == "\n\n".join(paragraphs)


def test_what_is_searched_with_is_not_in_what_is_searched():
    found = documents.divided(passages_of(topics()), seed=0)
    whole = "\n".join(found.searched)
    assert len(found.unseen) > 200 and len(found.aside) > 20
    assert not [text for text in [*found.unseen.texts, *found.aside.texts] if text in whole]
    assert not {*found.unseen.texts, *found.aside.texts} & {*found.train.texts}
    for text, number in zip(found.train.texts, found.train.passages, strict=True):
        assert text in found.searched[number]
    for text, number in zip(found.unseen.texts, found.unseen.passages, strict=True):
        assert text in " ".join(found.passages[number].text.split())
    assert documents.divided(passages_of(topics()), seed=0) == found
    assert documents.divided(passages_of(topics()), seed=1).unseen != found.unseen

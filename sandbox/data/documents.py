"""Documents cut into passages with the headings above them, and sentences of them to search with."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SIZE, SHORT = 600, 60
"""Characters of a passage, at most if a paragraph is not longer, and of the shortest one."""
LEAST_WORDS, MOST_WORDS = 6, 40
"""Of a sentence that may be searched with."""
LEAST_SENTENCES = 3
"""Of a passage, of which one is held out."""
UNDERLINES = "*=-^~"
ASIDE = 4
"""Of one passage in so many a second sentence is kept aside."""


@dataclass(frozen=True)
class Passage:
    """A part of a document.

    Attributes:
        title: the heading above it.
        text: its paragraphs.
    """

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Queries:
    """Sentences, and the numbers of the passages that they were taken out of.

    Attributes:
        texts: N sentences.
        passages: N numbers.
    """

    texts: Sequence[str]
    passages: Sequence[int]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, kw_only=True)
class Searched:
    """Passages to search, and what to search with.

    Attributes:
        passages: as a reader sees them.
        searched: their texts with the heading and without the sentences that are kept aside or unseen.
        train: sentences that are still in them.
        aside: neither in them nor unseen, to choose a threshold by.
        unseen: to test with.
    """

    passages: Sequence[Passage]
    searched: Sequence[str]
    train: Queries
    aside: Queries
    unseen: Queries


def passages_of(documents: Mapping[str, str]) -> list[Passage]:
    """All passages of documents by their titles: neighbouring paragraphs under one heading."""
    found = []
    for name, text in documents.items():
        for title, body in sections(name, text):
            passage = ""
            for paragraph in filter(str.strip, re.split(r"\n[ \t]*\n", body)):
                paragraph = paragraph.strip("\n")
                if passage and len(passage) + len(paragraph) > SIZE:
                    found.append(Passage(title, passage))
                    passage = ""
                passage = f"{passage}\n\n{paragraph}" if passage else paragraph
            if passage:
                found.append(Passage(title, passage))
    return [passage for passage in found if len(passage.text) >= SHORT]


def sections(title: str, text: str) -> Iterator[tuple[str, str]]:
    """What stands under each heading, underlined or behind `#`; under the title what stands above all."""
    lines, body = text.split("\n"), list[str]()
    below = [*lines[1:], ""]
    skip = False
    for line, under in zip(lines, below, strict=True):
        if skip:
            skip = False
            continue
        marked = re.fullmatch(r"#{1,6}\s+(.*?)\s*#*", line)
        skip = bool(line.strip()) and len(under) > 2 and under[0] in UNDERLINES and len(set(under)) == 1
        if marked or skip:
            yield title, "\n".join(body)
            title, body = (marked.group(1) if marked else line.strip()), []
        else:
            body.append(line)
    yield title, "\n".join(body)


def sentences(text: str) -> list[str]:
    """Sentences of its prose, as they stand in it but for ends of lines."""
    found = []
    for paragraph in re.split(r"\n[ \t]*\n", text):
        if "::=" in paragraph or ">>>" in paragraph:
            continue
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"“‘])", " ".join(paragraph.split())):
            if LEAST_WORDS <= len(sentence.split()) <= MOST_WORDS:
                found.append(sentence)
    return list(dict.fromkeys(found))


def divided(passages: Sequence[Passage], seed: int) -> Searched:
    """Take a sentence out of each passage that has enough of them: inverse cloze, Lee et al. 2019."""
    generator = np.random.default_rng(seed)
    train: list[tuple[str, int]] = []
    aside: list[tuple[str, int]] = []
    unseen: list[tuple[str, int]] = []
    searched = []
    for number, passage in enumerate(passages):
        flat, found = " ".join(passage.text.split()), sentences(passage.text)
        if len(found) >= LEAST_SENTENCES:
            order = [found[i] for i in generator.permutation(len(found))]
            second = len(found) > LEAST_SENTENCES and number % ASIDE == 0
            unseen.append((order.pop(), number))
            if second:
                aside.append((order.pop(), number))
            for sentence in {*found} - {*order}:
                flat = flat.replace(sentence, " ")
            found = order
        train += [(sentence, number) for sentence in found if sentence in flat]
        searched.append(f"{passage.title}. {flat}")
    # A sentence that stands in two passages would be an answer to itself.
    whole = "\n".join(searched)
    return Searched(
        passages=passages,
        searched=searched,
        train=_queries(train),
        aside=_queries([pair for pair in aside if pair[0] not in whole]),
        unseen=_queries([pair for pair in unseen if pair[0] not in whole]),
    )


def _queries(pairs: Sequence[tuple[str, int]]) -> Queries:
    return Queries(texts=[text for text, _ in pairs], passages=[number for _, number in pairs])

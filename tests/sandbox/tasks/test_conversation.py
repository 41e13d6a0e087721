"""Who is not understood twice in a row is passed on to a person."""

from typing import Any

from sandbox.tasks.conversation import Conversation
from sandbox.tasks.outputs.replies import PERSON, Replies, Reply


def answering(text: str) -> Reply:
    kinds: Any = {"?": "unknown", "p": "person"}
    return Reply(kind=kinds.get(text, "answer"), text=f"to {text}", intent="pay", confidence=0.5)


def kinds(*texts: str) -> list[str]:
    talk = Conversation()
    return [talk.say(text, answering).kind for text in texts]


def test_two_in_a_row_are_too_many():
    assert kinds("?", "a", "?", "a") == ["unknown", "answer", "unknown", "answer"]
    assert kinds("a", "?", "?", "a") == ["answer", "unknown", "person", "person"]


def test_who_asks_for_a_person_gets_one():
    talk = Conversation()
    assert talk.say("p", answering).text == "to p" and talk.handed_over
    last = talk.say("a", answering)
    assert (last.kind, last.text) == ("person", PERSON) and len(talk.turns) == 2


def test_a_reply_is_one_line_and_says_where_it_is_from():
    assert Replies().text(answering("a")) == "pay 50 %: to a"
    assert Replies().text(answering("?")) == "unknown (pay 50 %): to ?"

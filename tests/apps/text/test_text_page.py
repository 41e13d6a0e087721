"""The page of text without a browser: what one types is continued, coloured, and sorted."""

import pytest

from apps.studio import background_work
from apps.studio.inside import next_characters
from apps.studio.inside.text_memory import properties
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.loading import load_predictor, settings_from
from sandbox.tasks.training import train_task
from sandbox.tasks.writer import Drawing

pytestmark = pytest.mark.thorough


def trained(name: str, **changes) -> Run:
    """A run of a few steps."""
    task = import_task(f"text/{name}")
    config = {"argv": ["train", f"text/{name}"], "seed": 0, "threads": 1, "kind": "task"}
    run = Run.create(f"text/{name}", config)
    assert drive(run, train_task(task, settings_from(task, dict(task.tiny) | changes), run)) == "done"
    return run


def opened(open_page, run, tab, view=None):
    """The page at a tab, and at one of its views."""
    at = open_page("text", run=run.name)
    at.session_state["text-tab"] = tab
    if view is not None:
        at.session_state["text:inside"] = view
    at.run()
    background_work.wait(20.0)
    at.run()
    assert not at.exception and not at.error, (tab, view, [error.value for error in at.error])
    return at


@pytest.mark.parametrize(("block", "tokens"), [("lstm", "characters"), ("attention", "subwords")])
@pytest.mark.parametrize("view", ["next_characters", "surprise", "text_memory"])
def test_every_view_of_a_network_that_writes(open_page, read, block, tokens, view):
    run = trained("write", block=block, tokens=tokens, steps=6)
    at = opened(open_page, run, "Inside", view)
    said = {"next_characters": "tree of alternatives", "surprise": "Per character"}
    assert said.get(view, "Head 1" if block == "attention" else "A unit of the state") in read(at)


def test_words_of_a_text_and_its_class(open_page, read):
    at = opened(open_page, trained("classify", steps=6), "Inside")
    assert "Blue words speak for" in read(at)


def test_what_is_typed_is_continued_and_nothing_of_it_is_html(open_page):
    at = opened(open_page, trained("write", steps=6), "Try")
    at.text_area[0].set_value("<img src=x onerror=alert(1)> **bold**").run()
    assert not at.exception
    pages = [each.proto.body for each in at.get("html")]
    (written,) = [page for page in pages if "bold" in page]
    assert "&lt;img src=x onerror=alert(1)&gt;" in written and "<img" not in written


def test_the_tree_holds_probabilities():
    writer = load_predictor(trained("write", steps=20))
    nodes = next_characters.tree(writer, writer.begin(writer.encode("The ")), Drawing(temperature=1.0))
    first = [node for node in nodes if node.depth == 1]
    values = writer.probabilities(writer.begin(writer.encode("The ")))
    assert [node.share for node in first] == pytest.approx(
        sorted(values[1:], reverse=True)[: len(first)], rel=0.05
    )
    assert all(0 <= node.low < node.high <= 1 for node in nodes)
    for node in nodes:
        if node.depth > 1:
            (above,) = [one for one in nodes if one.way == node.way[: -len(node.text)]]
            assert above.low <= node.low and node.high <= above.high + 1e-9


def test_properties_of_a_text():
    text = 'a ("b") C\n    d\n'
    found = properties(text)
    assert found["place in the line"].tolist() == [*range(1, 10), 0, *range(1, 6), 0]
    assert found["inside quotes"][4] == 1 and found["inside quotes"][6] == 0
    assert found["inside brackets"][3] == 1 and found["inside brackets"][7] == 0
    assert found["capital letters"].sum() == 1 and found["indented line"].sum() == 5

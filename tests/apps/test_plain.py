"""Text of others on a page: shown as it is, never read as Markdown."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from apps.neurons import descents, retraining
from apps.studio import navigation
from apps.studio.page.own_data import PATH
from apps.studio.plain_text import escape, sentence
from sandbox.runs import Run

PICTURE = "![x](http://elsewhere.example/x.png)"
HOSTILE = (
    PICTURE,
    "a ` b " + PICTURE + " c `",
    "`` " + PICTURE + " ``",
    "\\" + PICTURE,
    "\\`" + PICTURE + "`",
    "[x](http://elsewhere.example)",
    "<http://elsewhere.example>",
    "<img src=x onerror=alert(1)>",
    "**bold** _slanted_ ~~gone~~ `code`",
    "# heading",
    "1. first",
    "- entry",
    "a\n\n" + PICTURE,
    "&lt;b&gt;",
    "| a |\n|---|\n| b |",
)


def shown(markdown: str) -> tuple[str, set[str]]:
    """What a reader of Markdown shows, and the kinds of things it found."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    inside = [child for token in tokens for child in token.children or []]
    kinds = {token.type for token in [*tokens, *inside]} - {"inline", "paragraph_open", "paragraph_close"}
    return "".join(child.content for child in inside), kinds


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_shown_as_it_is(text):
    words, kinds = shown(escape(text))
    assert kinds <= {"text", "text_special"}
    assert words.replace("\u2060", "") == " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_sentence_holds_code_and_nothing_else(text):
    words, kinds = shown(sentence(text))
    assert kinds <= {"text", "text_special", "code_inline"}
    assert "elsewhere" not in text or "elsewhere" in words
    assert shown(sentence("see `sandbox list --help`."))[1] == {"text", "code_inline"}


@pytest.mark.parametrize(
    "text",
    ["http://a.example", "https://a.example", "www.a.example", "a@b.example", ":material/home:", ":smile:"],
)
def test_what_is_looked_for_in_plain_text_is_broken_up(text):
    """Streamlit makes links, icons and emoji of text that is plain Markdown."""
    assert "\u2060" in escape(text)
    assert escape(text).replace("\u2060", "").replace("\\", "") == text


@pytest.mark.parametrize("text", ["cartpole-001", "frozen_lake_8x8", "vision/classify", "step 3 of 5 (60 %)"])
def test_ordinary_text_stays_as_it_is(text):
    assert escape(text) == sentence(text) == text


PAGES = [entry.page.name for entry in navigation.find_pages()]


def everything(at) -> str:
    """All that AppTest sees, as Markdown."""
    kinds = (at.title, at.markdown, at.caption, at.error, at.warning, at.info, at.toast)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.quick("name0-*", "*-runs", "*-arena")
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["x" * 300, PICTURE, "a\x00b"])
def test_a_link_to_no_run_leaves_the_page_as_it_is(open_page, page, name):
    at = open_page(page, run=name)
    assert at.title and not at.error
    assert "![" not in everything(at)
    assert "x" * 300 not in everything(at)


@pytest.mark.parametrize("page", ["arena", "runs"])
def test_what_a_run_says_is_no_markdown(open_page, make_run, page):
    run = make_run("cartpole", "failed")
    run.update_status(message=f"It failed: {PICTURE}")
    run.update_config(settings={**run.config["settings"], "expert": PICTURE}, data=PICTURE)
    at = open_page(page, run=run.name)
    assert "elsewhere" in everything(at)
    assert PICTURE not in everything(at)


def test_an_unreadable_run_says_why_without_markdown(open_page, make_run):
    run: Run = make_run("cartpole", "done")
    run.update_config(kind=PICTURE)
    run.path.rename(run.path.with_name("![x](y)"))
    at = open_page("runs")
    (warning,) = at.warning
    assert "![" not in warning.value


def table_of_a_stranger() -> tuple[str, str]:
    """A CSV file whose header and labels are Markdown, and would end a string of Python."""
    rows = [f"{i},{i * i % 7},{i % 3},{'![a](b)' if i % 2 else 'c'}" for i in range(20)]
    return "![m](n).csv", "\n".join([f'"{PICTURE}",\'"""\',z,label', *rows])


@pytest.mark.parametrize("tab", ["Try", "Inside", "Compare", "Code"])
def test_a_table_with_markdown_in_it_is_drawn_as_text(open_page, tmp_path, monkeypatch, tab):
    # What Compare says of a training is the same after three steps.
    monkeypatch.setattr(retraining, "STEPS", 3)
    monkeypatch.setattr(retraining, "CURVE", 2)
    monkeypatch.setattr(descents, "STEPS", 3)
    name, content = table_of_a_stranger()
    (tmp_path / name).write_text(content)
    session = {"neurons:data": "csv", "neurons:own": PATH, "neurons:path": str(tmp_path / name)}
    at = open_page("neurons", session=session, **{"neurons-tab": tab})
    assert not at.error
    assert "![" not in everything(at)
    if tab == "Try":
        assert "elsewhere" in everything(at)


def test_a_script_of_ones_own_points_holds_them_as_they_are():
    import ast

    from apps.neurons import downloads
    from apps.neurons.live_training import LiveTraining
    from apps.neurons.plane import Settings
    from sandbox.data.labelled_points import points_of

    name, content = table_of_a_stranger()
    points = points_of(content, name)
    tree = ast.parse(downloads.script(LiveTraining(points, Settings(), 0, "points.csv")))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert points.to_csv() in texts


def test_no_error_reaches_a_page_as_markdown():
    import re

    drawn = re.compile(r"st\.(error|warning|info|toast|caption|markdown)\((str\(error\)|problem|error)\b")
    top = Path(navigation.__file__).parents[1]
    assert not [path.name for path in top.rglob("*.py") if drawn.search(path.read_text(encoding="utf-8"))]

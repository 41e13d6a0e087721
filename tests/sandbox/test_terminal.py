"""What others wrote is printed as it is: no colours, no markup, no control of the terminal."""

import pytest

from sandbox import cli
from sandbox.errors import UserError, printable
from sandbox.runs import Run
from sandbox.terminal import console, print_table

MARKUP = "[red]x[/red] [/red] [link=http://elsewhere.example]y[/link] :smile:"


def test_a_table_prints_words_of_others_as_they_are(capsys):
    print_table(["name"], [[MARKUP], ["\x1b]0;title\x07\x1b[2J"]], title=MARKUP)
    out = capsys.readouterr().out
    assert out.count(MARKUP) == 2
    assert "\x1b" not in out and "\\x1b]0;title\\x07\\x1b[2J" in out


def test_the_console_reads_no_markup_unless_it_is_asked_to(capsys):
    console().print(MARKUP, soft_wrap=True)
    assert capsys.readouterr().out == MARKUP + "\n"


def test_a_sentence_cannot_steer_the_terminal(monkeypatch, capsys):
    def fail(arguments):
        raise UserError("no run \x1b[31m\r\x9bx")

    monkeypatch.setattr("sandbox.commands.list.main", fail)
    assert cli.main(["list"]) == 2
    assert capsys.readouterr().err == "no run \\x1b[31m\\x0d\\x9bx\n"


@pytest.mark.parametrize("text", ["größer\n\tals", "a [b] c"])
def test_ordinary_text_is_printable_already(text):
    assert printable(text) == text


def test_the_name_of_a_folder_is_no_markup(capsys):
    from sandbox.commands import doctor

    run = Run.create("snake", {}, state="done")
    run.path.rename(run.path.with_name("[bold]x"))
    for finding in doctor.runs():
        doctor._print(finding)
    assert "[bold]x" in capsys.readouterr().out.replace("\n", "")

"""A widget for every setting of every task, and the command's words from what the widgets say."""

from dataclasses import dataclass
from typing import Literal

import pytest
from streamlit.testing.v1 import AppTest

from apps.studio.page.setting_widgets import NONE, as_widget, chosen, help_of, parsed, said, title_of, words
from sandbox.errors import UserError
from sandbox.settings import setting, specs


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One setting of each type."""

    steps: int = setting(100, "minibatches", low=1, high=10**12)
    rate: float = setting(0.01, "step size", above=0, high=10, unit="of a unit")
    hidden: tuple[int, ...] = setting((8, 4), "sizes", low=1, high=64, count=(0, 3))
    block: Literal["cnn", "mlp"] = setting("cnn", "the network")
    turned: bool = setting(True, "whether it is turned")
    most: int | None = setting(None, "most of them", low=1)
    title: str = setting("a", "how it is called")


KNOWN = specs(Settings)


@pytest.fixture
def session(monkeypatch):
    """What the widgets say, without a page."""
    import streamlit as st

    values: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", values)
    return values


def test_untouched_widgets_say_nothing(session):
    assert words("k", Settings()) == []
    for name, spec in KNOWN.items():
        session[f"k:{name}"] = as_widget(spec, getattr(Settings(), name))
    assert words("k", Settings()) == [] and chosen("k", Settings()) == Settings()


def test_what_widgets_say_becomes_words_of_the_command(session):
    session |= {"k:steps": 5, "k:hidden": "16, 2", "k:block": "mlp", "k:turned": False, "k:most": "3"}
    assert chosen("k", Settings()) == Settings(steps=5, hidden=(16, 2), block="mlp", turned=False, most=3)
    assert words("k", Settings()) == (
        ["--steps", "5", "--hidden", "16", "2", "--block", "mlp", "--no-turned", "--most", "3"]
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("hidden", "16, x", "--hidden must be 0 to 3 whole numbers|--hidden must be up to 3 whole numbers"),
        ("hidden", "1, 2, 3, 4", "--hidden takes up to 3 values, not 4"),
        ("hidden", "0", "--hidden takes values from 1 to 64"),
        ("most", "none", "--most must be a whole number"),
        ("steps", 0, "--steps must be at least 1"),
    ],
)
def test_what_cannot_be_is_one_sentence(session, name, value, message):
    session[f"k:{name}"] = value
    with pytest.raises(UserError, match=message):
        words("k", Settings())


def test_values_make_the_round_through_their_widgets():
    for name, values in {
        "steps": (1, 7),
        "rate": (0.5, 1e-5),
        "hidden": ((), (1,), (3, 4, 5)),
        "turned": (True, False),
        "most": (None, 4),
        "title": ("x, y", "1"),
    }.items():
        for value in values:
            assert parsed(KNOWN[name], as_widget(KNOWN[name], value)) == value
    assert as_widget(KNOWN["most"], None) == NONE


def test_the_settings_of_a_command_that_still_waits():
    options = {
        "--steps": ["7"],
        "--hidden": ["3", "4"],
        "--no-turned": [],
        "--block": ["lstm"],  # not offered
        "--rate": ["fast"],  # no number
        "--most": ["2"],
        "--data": ["x"],
    }
    assert said(Settings(), options) == {"steps": 7, "hidden": (3, 4), "turned": False, "most": 2}


def test_help_says_what_it_does_and_what_is_allowed():
    assert help_of(KNOWN["rate"]) == "Step size. Above 0 and at most 10."
    assert help_of(KNOWN["steps"]) == "Minibatches. At least 1."


def test_every_setting_of_every_task_of_a_page_has_a_widget():
    """Streamlit refuses defaults outside of their range and types that do not go together."""
    at = AppTest.from_function(every_task, default_timeout=60).run()
    assert not at.exception
    assert len(at.number_input) + len(at.text_input) + len(at.selectbox) + len(at.toggle) > 10
    assert all(code.value == "[]" for code in at.code) and at.code


def every_task():
    """A page with the widgets of every preset of every task that a page is composed from."""
    import streamlit as st

    from apps.studio import navigation
    from apps.studio.page.setting_widgets import setting_widget, words
    from sandbox.settings import specs
    from sandbox.targets import import_task

    for target in {task for entry in navigation.find_pages() for task in entry.page.tasks}:
        task = import_task(target)
        for preset in task.presets:
            settings = task.settings(preset)
            for name in specs(type(settings)):
                setting_widget(f"{target}:{preset}", settings, name)
            st.code(repr(words(f"{target}:{preset}", settings)))


@pytest.mark.parametrize(
    ("choice", "title"),
    [
        ("rnn", "RNN"),
        ("attention", "Attention"),
        ("bfloat16", "bfloat16"),
        ("two_words", "Two words"),
        (3, "3"),
    ],
)
def test_menus_say_titles(choice, title):
    assert title_of(choice) == title

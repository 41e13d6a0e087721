"""Learn: how an agent learns from rewards, with this run's environment in its questions."""

from __future__ import annotations

from dataclasses import replace

import envs
from apps.arena.agent_view import AgentView
from apps.arena.page import PAGE
from apps.arena.questions import changed
from apps.studio.page.learn import Lesson, lesson_of
from apps.studio.page.learn_tab import show_lesson

CHANGE = "{change}"
"""Stands in a question for the physics that are changed."""


def show(view: AgentView) -> None:
    """Draw the tab."""
    show_lesson(PAGE, view, lesson_for(view.target))


def lesson_for(target: str) -> Lesson:
    """The lesson, with the physics of an environment."""
    lesson = lesson_of(PAGE.name)
    questions = [replace(each, ask=each.ask.replace(CHANGE, _change(target))) for each in lesson.questions]
    return replace(lesson, questions=questions)


def _change(target: str) -> str:
    found = changed(target)
    if found is None:
        return "Change the physics"
    name, value = found
    param = envs.find(target).params[name]
    if isinstance(value, bool):
        return f"Switch *{name.replace('_', ' ')}* {'on' if value else 'off'}"
    unit = f" {param.unit}" if param.unit else ""
    return f"Set *{name.replace('_', ' ')}* to {value:g}{unit} instead of {param.default:g}{unit}"

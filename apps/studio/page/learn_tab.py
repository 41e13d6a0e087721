"""Learn: what the method is, one equation, one picture of this run, three questions, and papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.studio.page import questions
from apps.studio.page.columns import panes
from apps.studio.page.inside_tab import find
from apps.studio.page.learn import Lesson, Question, family_of, lesson_of
from apps.studio.page.page import Page
from apps.studio.plain_text import sentence
from sandbox.errors import UserError

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown


def show(shown: Shown) -> None:
    """Draw the tab."""
    view, page = shown.view, shown.page
    assert view is not None
    show_lesson(page, view, lesson_of(page.name, view.run.config["target"], family_of(type(view.task))))


def show_lesson(page: Page, view: Any, lesson: Lesson) -> None:
    """Draw a lesson with what a page shows at the moment.

    Args:
        page: whose views draw the picture and whose `questions.py` answers, see `questions.answer_of`.
        view: what they are given, such as a `CheckpointView`; its `later` computes beside the page.
        lesson: what is drawn.
    """
    left, right = panes([1, 1], key=f"{page.name}-learn")
    with left:
        st.markdown(lesson.text)
        st.latex(lesson.equation)
        st.caption(lesson.equation_says)
    with right:
        picture = find(page, lesson.picture)
        if picture.fits(view):
            picture.picture(page.name, view)
            st.caption(lesson.picture_says)
    st.markdown("##### Predict, then reveal")
    for number, question in enumerate(lesson.questions):
        _question(page, view, number, question)
    st.markdown("##### To read on")
    st.markdown("\n".join(f"- {paper.by}: *{paper.title}*" for paper in lesson.papers))


def _question(page: Page, view: Any, number: int, question: Question) -> None:
    name = f"question {number} of {page.name}"
    with st.container(border=True, key=f"{page.name}-question-{number}"):
        st.markdown(f"**{number + 1}.** {question.ask}")
        guess = st.segmented_control(
            "Your guess",
            list(question.options),
            key=f"{page.name}:question:{number}",
            label_visibility="collapsed",
            width="stretch",
        )
        if guess is None:
            st.caption("Choose an answer, and the page tries it out.")
            return
        try:
            value = view.later(f"{name} {question.run}", lambda: questions.answer_of(page, question)(view))
        except UserError as error:  # not with this network
            st.caption(sentence(error))
            return
        if value is None:
            st.caption("Trying it …")
            return
        right = question.options[question.right(value)]
        verdict = "Correct" if guess == right else f"Not quite: {right}"
        st.markdown(f"**{verdict}.** It is **{value:,.4g}**. {question.because}")

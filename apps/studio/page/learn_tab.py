"""Learn: what the method is, one equation, one picture of this run, three questions, and papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from apps.studio.page import questions
from apps.studio.page.columns import panes
from apps.studio.page.inside_tab import find
from apps.studio.page.learn import Question, lesson_of
from apps.studio.page.run_view import RunView

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown


def show(shown: Shown) -> None:
    """Draw the tab."""
    view, page = shown.view, shown.page
    assert view is not None
    lesson = lesson_of(page.name, view.run.config["target"])
    left, right = panes([1, 1], key=f"{page.name}-learn")
    with left:
        st.markdown(lesson.text)
        st.latex(lesson.equation)
        st.caption(lesson.equation_says)
    with right:
        find(page, lesson.picture).picture(page.name, view)
        st.caption(lesson.picture_says)
    st.markdown("##### Predict, then reveal")
    for number, question in enumerate(lesson.questions):
        _question(page.name, view, number, question)
    st.markdown("##### To read on")
    st.markdown("\n".join(f"- {paper.by}: *{paper.title}*" for paper in lesson.papers))


def _question(page: str, view: RunView, number: int, question: Question) -> None:
    key = f"{page}:question:{number}"
    with st.container(border=True, key=f"{page}-question-{number}"):
        st.markdown(f"**{number + 1}.** {question.ask}")
        guess = st.segmented_control(
            "Your guess", list(question.options), key=key, label_visibility="collapsed", width="stretch"
        )
        if guess is None:
            st.caption("Choose, and it is tried with the network on this page.")
            return
        arguments = {name: value for name, value in question.run.items() if name != "kind"}
        run = getattr(questions, str(question.run["kind"]))
        value = view.later(f"question {number} {sorted(arguments.items())}", lambda: run(view, **arguments))
        if value is None:
            st.caption("Trying it …")
            return
        right = question.options[question.right(value)]
        verdict = "Correct" if guess == right else f"Not quite: {right}"
        st.markdown(f"**{verdict}.** It is **{value:,.4g}**. {question.because}")

"""Try: a chat, and beside each message what the network thinks of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.bars import show_bars
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.chosen_input import ChosenInput, remember
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.out_of_scope import curve
from sandbox.percent import percent
from sandbox.tasks.conversation import PATIENCE, Conversation
from sandbox.tasks.families.service_network import ServiceAgent
from sandbox.tasks.outputs.replies import Reply

TITLE = "Chat"
HEIGHT = 470
MOST, LONGEST = 40, 500
"""Messages that are kept, and characters of one."""
NAMED = 60
"""Characters of a heading."""
SEEDS = (3, 8)
"""Which unseen questions are suggested."""


def fits(view: RunView) -> bool:
    """Whether it answers customers."""
    return isinstance(view.predictor, ServiceAgent)


def show(page: str, view: RunView) -> None:
    """Draw the chat on the left, what the threshold does on the right."""
    agent: ServiceAgent = view.predictor
    left, right = panes([8, 5], key=f"{page}-chat")
    with right:
        threshold = _threshold(page, view, agent)
    texts = _texts(page, view)
    replies = agent.reply(texts, threshold) if texts else []
    conversation = Conversation()
    for text, reply in zip(texts, replies, strict=True):
        conversation.say(text, lambda _, reply=reply: reply)
    if texts:
        remember(page, view, ChosenInput(np.asarray(texts[-1])))
    with left:
        with st.container(height=HEIGHT, key=f"{page}-turns"):
            with st.chat_message("assistant"):
                st.markdown("Hello. What can I do for you?")
            for number, (text, reply) in enumerate(conversation.turns):
                _turn(text, reply, threshold, number)
        st.chat_input(
            "Write as a customer would",
            key=f"{page}:message",
            max_chars=LONGEST,
            on_submit=lambda: _say(page, str(st.session_state.get(f"{page}:message") or "")),
        )
        _suggestions(page, view)
    with right:
        _thoughts(page, agent, texts, conversation)


def _texts(page: str, view: RunView) -> list[str]:
    """What was written so far to such a network."""
    key, texts = st.session_state.get(f"{page}:said", (None, []))
    if key != view.data_key:
        st.session_state[f"{page}:said"] = (view.data_key, texts := [])
    return texts


def _say(page: str, text: str) -> None:
    if text.strip() and (said := st.session_state.get(f"{page}:said")) is not None:
        said[1].append(text.strip()[:LONGEST])
        del said[1][:-MOST]


def _turn(text: str, reply: Reply, threshold: float, number: int) -> None:
    """A message and its answer, and beside them what was thought."""
    said, thought = st.columns([8, 5])
    with said:
        with st.chat_message("user"):
            st.markdown(escape(text))
        with st.chat_message("assistant", avatar=":material/person:" if reply.kind == "person" else None):
            if reply.kind == "passage":
                st.caption(f"From the documents: {escape(reply.passages[0].passage.title[:NAMED])}")
                st.code(reply.text, language=None, wrap_lines=True)
            else:
                st.markdown(escape(reply.text))
    with thought:
        sign = "≥" if reply.confidence >= threshold else "<"
        st.caption(f"{escape(reply.intent)}: {percent(reply.confidence)} {sign} {percent(threshold)}")
        for found in reply.passages:
            st.caption(f"{found.score:z.2f}  {escape(found.passage.title[:NAMED])}")


def _suggestions(page: str, view: RunView) -> None:
    """Unseen messages to click: two of customers, one about the documents, one of no intent."""
    test: Any = view.split.test
    some = [str(test.inputs[int(seed / 10 * len(test))]) for seed in SEEDS]
    some += [min(test.queries.texts, key=len)] if test.queries is not None else []
    some += list(test.outside[:1])
    with st.container(horizontal=True, gap="small"):
        for number, text in enumerate(some):
            short = text if len(text) <= NAMED else text[: NAMED - 2] + " …"
            st.button(escape(short), key=f"{page}:suggested:{number}", on_click=_say, args=(page, text))
        st.button(
            "Begin again",
            icon=":material/restart_alt:",
            type="tertiary",
            key=f"{page}:restart",
            on_click=lambda: st.session_state.pop(f"{page}:said", None),
        )


def _threshold(page: str, view: RunView, agent: ServiceAgent) -> float:
    """Draw the slider, and what each threshold would do."""
    chosen = agent.threshold
    threshold = st.slider(
        "Threshold of “I don't know”",
        0.0,
        1.0,
        round(chosen, 2),
        0.01,
        key=f"{page}:threshold:{view.run.name}:{view.step}",
        help="If no intent is more probable than this, the network says that it does not know. The slider "
        "begins at the threshold that was chosen in training, on texts kept aside.",
    )
    test: Any = view.split.test

    def work() -> Any:
        outside = np.asarray(agent.predict(test.outside or test.inputs[:1]))
        return curve(np.asarray(agent.predict(test.inputs)), np.asarray(test.targets), outside)

    found = view.later("thresholds", work)
    if found is None:
        st.caption("Asking all unseen questions …")
        return threshold
    shown = [("answered correctly", found.accuracy, palette.MODEL)]
    shown += [("no intent: not answered", found.recall, palette.HUMAN)] if test.outside else []
    show_curves(
        [
            Curve(
                name=name,
                x=(100 * np.minimum(found.thresholds, 1)).tolist(),
                y=(100 * values).tolist(),
                color=color,
                format="",
            )
            for name, values, color in shown
        ],
        x_title="threshold, %",
        y_title="% of the unseen questions",
        alt="Questions answered correctly, and those of no intent that are not answered, by threshold",
        y_range=(0.0, 100.0),
        mark=100 * threshold,
        key=f"{page}:thresholds",
        height=210,
    )
    return threshold


def _thoughts(page: str, agent: ServiceAgent, texts: Sequence[str], conversation: Conversation) -> None:
    """Draw how probable each intent of the last message is, and whether a person takes over."""
    if not texts:
        st.caption("Write something, or click one of the unseen questions.")
        return
    st.markdown("**What the last message may mean**")
    shares = agent.predict(texts[-1:])[0].tolist()
    show_bars([str(name) for name in agent.output.classes], shares, key=f"{page}:intents", most=5)
    if conversation.handed_over:
        st.caption("A person has taken over.")
    else:
        st.caption(f"Not understood in a row: {conversation.unknown}; after {PATIENCE} a person takes over.")

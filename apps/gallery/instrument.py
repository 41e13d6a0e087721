"""Cards of all environments; one opens the Arena with it."""

import streamlit as st

from apps.gallery import cards
from apps.gallery.cards import Card
from apps.studio.page import layout
from apps.studio.page.polling import guarded, live
from apps.studio.plain_text import escape

TABS = ()
WIDE = 260
"""Least width of a card, in pixels."""


def main() -> None:
    """Draw the page."""
    live(body)


def body() -> None:
    """The cards that have the words looked for."""
    heading = layout.Heading("What can an agent learn here?")
    found = cards.cards()
    words = st.text_input(
        "Find",
        placeholder="pole, cells, memory ...",
        icon=":material/search:",
        key="gallery:find",
        width=320,
        label_visibility="collapsed",
    )
    shown = [card for card in found if card.matches(words or "")]
    heading.answer(
        f"{len(found)} environments. Open one to train an agent in it, watch it, and play yourself."
        if shown
        else f"None of {len(found)} environments says so."
    )
    with st.grid("auto", min_column_width=WIDE, gap="small"):
        for card in shown:
            with guarded():
                _draw(card)


def _draw(card: Card) -> None:
    # Cards of a row are equally high, and their buttons stand at the bottom.
    with st.container(border=True, height="stretch"):
        st.image(cards.picture(card.name), width="stretch", alt=f"{card.title} in the middle of an episode")
        st.markdown(f"**{escape(card.title)}**")
        st.markdown(escape(card.goal))
        st.caption(f"{escape(card.sees)}, {escape(card.does)}")
        if card.preset:
            st.caption(f":material/smart_toy: {escape(card.preset)}")
        st.space("stretch")
        if st.button("Open", key=f"gallery:{card.name}", icon=":material/open_in_new:", width="stretch"):
            st.session_state["arena:target"] = card.name
            st.switch_page("arena/page.py")

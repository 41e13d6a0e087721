"""All public sets in a table, and one of them in full."""

from typing import Any

import numpy as np
import streamlit as st

from apps.datasets import fetches
from apps.datasets.page import PAGE
from apps.studio import background_imports, background_work
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.page import layout
from apps.studio.page.polling import live
from apps.studio.plain_text import escape, sentence
from sandbox.data import sets
from sandbox.data.named_set import NamedSet
from sandbox.errors import UserError

TABS = ()
FIRST = "mnist"


def body() -> None:
    """The table, and the chosen set."""
    known = list(sets.known().values())
    here = {each.name for each in known if sets.is_here(each.name)}
    layout.Heading(PAGE.question).answer(_answer(known, here))
    chosen = _table(known, here)
    with st.container(border=True):
        _details(chosen, chosen.name in here)


def _answer(known: list[NamedSet], here: set[str]) -> str:
    are = {0: "None of them is", 1: "One of them is"}.get(len(here), f"{len(here)} of them are")
    return (
        f"From {len(known)} public sets, or from data of your own. {are} on this machine; "
        "nothing is fetched before you ask for it."
    )


def _table(known: list[NamedSet], here: set[str]) -> NamedSet:
    """Draw the table; returns the set that is chosen."""
    names = [each.name for each in known]
    linked = str(st.query_params.get("set", ""))
    wanted = st.session_state.get("datasets:chosen", linked if linked in names else FIRST)
    event = st.dataframe(
        [
            {
                "Set": each.title,
                "Holds": each.kind,
                "To fetch": sets.megabytes(each.size),
                "Licence": each.licence,
                "Here": "yes" if each.name in here else "",
            }
            for each in known
        ],
        key="datasets:table",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [names.index(wanted)], "columns": [], "cells": []}},
        height=38 + 35 * min(8, len(known)),
        column_config={
            "Set": st.column_config.TextColumn(width="medium"),
            "Holds": st.column_config.TextColumn(width="small"),
            "To fetch": st.column_config.TextColumn(width="small"),
            "Here": st.column_config.TextColumn(width="small", help="Whether it is on this machine."),
        },
        alt="Public data sets with what they hold, their size and their licence",
    )
    rows = event["selection"]["rows"]
    name = names[rows[0]] if rows and rows[0] < len(names) else wanted
    st.session_state["datasets:chosen"] = name
    st.query_params["set"] = name
    return sets.find(name)


def _details(found: NamedSet, is_here: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(found.title, anchor=False, width="content")
        st.badge(
            "here" if is_here else "not here yet",
            color="green" if is_here else "gray",
            icon=":material/check:" if is_here else ":material/cloud:",
        )
    st.markdown(escape(found.about))
    st.caption(
        f"Licence: {escape(found.licence)}. Please cite {escape(found.citation)}. "
        f"[Its makers' page]({found.homepage})"
    )
    if is_here:
        _actions_here(found)
        _contents(found)
    else:
        _fetch(found)


def _fetch(found: NamedSet) -> None:
    """The button that fetches a set, or how far it has come."""
    fetch = fetches.of(found.name)
    if fetch is not None and not fetch.done:
        arrived = fetch.arrived
        total = arrived.total if arrived else 0
        text = "Asking for it …"
        if arrived is not None and arrived.done:
            of = f" of {sets.megabytes(total)}" if total else ""
            text = f"{sets.megabytes(arrived.done)}{of} fetched"
        if arrived is not None and arrived.name != found.title:
            text = "Unpacking it …"
        st.progress(min(1.0, arrived.done / total) if arrived and total else 0.0, text=text)
        st.button(
            "Stop",
            icon=":material/stop:",
            key="datasets:stop",
            on_click=fetch.stopped.set,
            help="What has arrived is kept. Fetching it again goes on from there.",
        )
        return
    if fetch is not None and fetch.problem:
        st.error(sentence(fetch.problem), icon=":material/cloud_off:")
    trust = found.is_pinned or st.checkbox(
        "Take what comes over https, and remember its checksum",
        key=f"datasets:trust:{found.name}",
        help="Nobody publishes a checksum of this set, so the first copy cannot be checked.",
    )
    if st.button(
        f"Fetch {sets.megabytes(found.size)}",
        icon=":material/download:",
        type="primary",
        key="datasets:fetch",
        disabled=not trust,
        help="From its makers, over https. A checksum tells whether it is the published set.",
    ):
        fetches.begin(found.name, trust_first=not found.is_pinned)
        st.rerun()
    st.code(f"sandbox data fetch {found.name}{'' if found.is_pinned else ' --trust-first'}", language="bash")


def _actions_here(found: NamedSet) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if found.images is not None:
            st.code(f"sandbox train vision/classify --data {found.name}", language="bash", width="content")
        with st.popover("Delete", icon=":material/delete:"):
            st.markdown(f"Delete **{escape(found.title)}** from this machine?")
            st.button(
                "Delete", type="primary", key="datasets:delete", on_click=sets.forget, args=(found.name,)
            )


def _contents(found: NamedSet) -> None:
    """Counts, balance, samples and near-duplicates, read beside the page."""
    if not background_imports.ready(*PAGE.needs):
        st.skeleton(height=240)
        return

    def look() -> Any:
        from apps.datasets.contents import contents

        return contents(found.name)

    try:
        seen = background_work.ask(("data set", found.name, str(sets.home())), look)
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        return
    if seen is None:
        st.caption("Reading it and comparing its parts; a large set takes some seconds.")
        st.skeleton(height=240)
        return
    record = seen.record
    if "classes" not in record:
        st.markdown(f"**{record['files']:,}** files in {escape(record['folder'])}.")
        return
    st.markdown(
        f"**{record['train']:,}** pictures to learn from and **{record['test']:,}** to test, "
        f"{record['shape']}. {record['near_duplicates']['sentence']}"
    )
    for note in record["notes"]:
        st.caption(escape(note))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("##### Training pictures of each class")
        for name, pictures in seen.samples:
            label, row = st.columns([1, 5], vertical_alignment="center", gap="small")
            label.caption(escape(name))
            with row:
                gallery(
                    [Picture(each, alt=f"a training picture of {name}") for each in pictures],
                    key=f"datasets:samples:{found.name}:{name}",
                    size=44,
                )
    with right:
        st.markdown("##### How many of each class")
        _balance(record["classes"])
        if seen.twins:
            st.markdown("##### Nearly the same in both parts")
            st.caption("Test picture and training picture, side by side; 1 is the same.")
            pairs = [
                Picture(
                    np.concatenate([test, train], axis=1),
                    f"{cosine:z.3f}",
                    alt="a test and a training picture",
                )
                for test, train, cosine in seen.twins
            ]
            gallery(pairs, key=f"datasets:twins:{found.name}", size=110)


def _balance(classes: list[dict[str, Any]]) -> None:
    st.dataframe(
        [
            {"Class": row["name"], "Share": row["share"], "Training": row["train"], "Test": row["test"]}
            for row in classes
        ],
        hide_index=True,
        height="content" if len(classes) <= 12 else 450,
        column_config={
            "Share": st.column_config.ProgressColumn(
                format="percent",
                min_value=0.0,
                max_value=max(row["share"] for row in classes),
            ),
            "Training": st.column_config.NumberColumn(format="localized", width="small"),
            "Test": st.column_config.NumberColumn(format="localized", width="small"),
        },
        alt="Pictures of each class",
    )


def main() -> None:
    """Draw the page."""
    live(body, needs=PAGE.waits_for, busy=fetches.running)

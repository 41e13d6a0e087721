"""What every page has: a question with its answer as of now, tabs, the age slider, a footer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from apps.studio import wording
from apps.studio.page.polling import guarded
from apps.studio.plain_text import sentence
from sandbox import jobs
from sandbox.runs import Run

TABS = ("Try", "Inside", "Compare", "Code", "Limits")
"""The tabs of a page on a method. All are there from the beginning, or a link to one would lose it."""
NEWEST = -1
"""The age slider's last stop: whatever checkpoint is the newest."""


class Heading:
    """The page's question as its title, at once; what can be said now follows when it is known.

    Args:
        question: what a person would ask.
    """

    def __init__(self, question: str) -> None:
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"
        ):
            st.title(question, anchor=False, width="content")
            self._badges = st.container(horizontal=True, width="content", gap="small", key="state")
        # A container and not st.empty, which would blink: what it shows stays until it is written anew.
        self._answer = st.container()

    def answer(self, text: str, state: str | None = None, time_to_result: str = "") -> None:
        """Fill in the answer as of now.

        Args:
            text: one or two sentences with the figures of this moment; Markdown.
            state: of the run that is shown, see `wording.STATES`.
            time_to_result: how long a training takes on this machine, such as `10 s`; empty if nobody knows.
        """
        self._answer.markdown(text)
        with self._badges:
            if time_to_result:
                st.markdown(
                    f":gray-badge[:material/timer: {time_to_result}]",
                    width="content",
                    help="How long the last training of this took on this machine.",
                )
            if state:
                st.markdown(wording.badge(state), width="content")


def tabs(page: str, bodies: Mapping[str, Callable[[], None]]) -> None:
    """The page's tabs; only the open one is drawn, and its name is in the address.

    Args:
        page: the page's name, which keeps its address apart from other pages'.
        bodies: the tabs' names and what draws them, the default one first.
    """
    panels = st.tabs(list(bodies), key=f"{page}-tab", bind="query-params", on_change="rerun")
    for panel, body in zip(panels, bodies.values(), strict=True):
        if panel.open:
            with panel, guarded():
                body()


def open_tab(page: str, names: Sequence[str]) -> tuple[str, DeltaGenerator]:
    """The page's tabs where they are no part of a fragment: the open one's name, and where to draw it.

    Args:
        page: the page's name.
        names: of the tabs, the default one first.
    """
    panels = st.tabs(list(names), key=f"{page}-tab", bind="query-params", on_change="rerun")
    return next(
        ((name, panel) for name, panel in zip(names, panels, strict=True) if panel.open),
        (names[0], panels[0]),
    )


def age_slider(page: str, run: Run, steps: Sequence[int], unit: str = "step") -> int | None:
    """Scrub back through a run's checkpoints.

    Returns:
        The step of the checkpoint to look at; None for the newest.
    """
    return scrub(page, steps, f"checkpoints of {run.name}", unit)


def scrub(page: str, steps: Sequence[int], what: str, unit: str = "step") -> int | None:
    """The age slider over any kept steps; nothing is drawn while there are fewer than two.

    Args:
        page: the page's name.
        steps: at which something was kept, ascending.
        what: was kept, in the plural.
        unit: of a step.

    Returns:
        The step to look at; None for the newest.
    """
    if len(steps) < 2:
        return None
    stops = [*steps[:-1], NEWEST]
    chosen = st.select_slider(
        "Age",
        options=stops,
        value=NEWEST,
        format_func=lambda step: "newest" if step == NEWEST else f"{unit} {step:,}",
        key=f"{page}-age",
        bind="query-params",
        help=f"Look at the network earlier in its training: {len(steps)} {what}, from {unit} {steps[0]:,} "
        f"to {unit} {steps[-1]:,}. At its right end it follows the training.",
    )
    return None if chosen == NEWEST else chosen


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file made only when somebody asks for it."""

    label: str
    make: Callable[[], bytes | str]
    file_name: str
    mime: str
    icon: str
    help: str


def footer(run: Run, status: Mapping[str, Any], downloads: Sequence[Download]) -> None:
    """Seed, hardware, time taken, downloads and the link that shows this page as it is now."""
    config = run.config
    facts = [f"run **{run.name}**", f"seed {config.get('seed', 0)}"]
    if (device := config.get("device")) and device != "auto":
        threads = config.get("threads")
        facts.append(f"{str(device).upper()}" + (f", {wording.count(threads, 'thread')}" if threads else ""))
    if status.get("step"):
        facts.append(wording.count(status["step"], str(status.get("unit", "step"))))
    facts.append(wording.duration(float(status.get("seconds") or 0.0)))
    foot(facts, downloads)


def foot(facts: Sequence[str], downloads: Sequence[Download], *, link: bool = True) -> None:
    """The last row of a page: facts, downloads, and the link that shows this page as it is now.

    Args:
        facts: short pieces of Markdown.
        downloads: what can be taken away.
        link: whether the address says what is shown; without it there is no link to give.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="footer"):
        st.caption(" · ".join(facts), width="stretch")
        for download in downloads:
            st.download_button(
                download.label,
                data=download.make,
                file_name=download.file_name,
                mime=download.mime,
                icon=download.icon,
                help=download.help,
                type="tertiary",
                on_click="ignore",
                key=f"download:{download.label}",
            )
        if not link:
            return
        with st.popover(
            "Link", icon=":material/link:", type="tertiary", help="An address that opens this view"
        ):
            st.caption(
                "The address in your browser holds what is shown, the tab and the age. "
                "It works on this machine:"
            )
            st.code(str(st.context.url or "") + _query(), language=None, wrap_lines=True)


def _query() -> str:
    from urllib.parse import urlencode

    pairs = st.query_params.to_dict()
    return f"?{urlencode(pairs)}" if pairs else ""


def message_of(run: Run, status: Mapping[str, Any]) -> None:
    """What a run that did not end well, or waits, has to say, one sentence, where a person looks first."""
    state, text = str(status.get("state")), sentence(status.get("message") or "")
    if state == "failed":
        st.error(f"{run.name} failed: {text or 'it left no word.'}", icon=":material/error:")
    elif state == "interrupted":
        st.warning(f"{run.name} was interrupted. {text}", icon=":material/bolt:")
    elif state == "queued" and (ahead := [job.name for job in jobs.ahead_of(run)]):
        st.info(wording.waits(run.name, ahead), icon=":material/schedule:")


def show_notes(run: Run) -> None:
    """Say what was left out when the data of a run were read, if anything was."""
    notes = run.config.get("notes")
    if isinstance(notes, list) and notes:
        # As text and not as Markdown: names of files are in it.
        st.text("\n".join(str(note) for note in notes), width="stretch")


def waiting(run: Run | None, promise: str, otherwise: str, height: int) -> None:
    """Draw what stands in a tab until there is something to see.

    Args:
        run: that is waited for; None if there is none.
        promise: what appears, and when.
        otherwise: said where nothing trains and nothing has been learned.
        height: of the empty place, in pixels.
    """
    state = None if run is None else wording.state_of(run)
    if run is not None and (run.checkpoints() or state in wording.ALIVE):
        st.caption(f"{wording.awaited(run, state)} {promise}")
        st.skeleton(height=height)
    else:
        st.caption(otherwise)

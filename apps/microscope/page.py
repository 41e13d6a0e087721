"""Look into a convolutional network: filters, activations, where it looks, and what it would miss."""

from typing import Any

import streamlit as st

from apps.components import follow, own_folder, selection, skeleton, training, wording
from apps.components.error_curve import show_errors
from apps.components.live import live
from apps.components.look import draw
from apps.start import waiting
from sandbox.runs import Run

TITLE = "CNN microscope"
SECTION = "Methods"
ICON = ":material/biotech:"
ORDER = 21

PAGE = "microscope"
TARGET = "vision/classify"
NETWORKS = {"fast": "small", "best": "larger"}
"""Presets and what the menu calls them."""
NEEDS = ("torch", "apps.start.reading", "apps.microscope.attempt", "apps.microscope.limits")


def _shown() -> Run | None:
    """The run that the page looks at; for whoever comes first, one that begins to learn."""
    return training.first_run(PAGE, TARGET, lambda: [TARGET, "--preset", "fast"], _says)


def _says(run: Run) -> dict[str, Any]:
    """What the controls say of a run."""
    return own_folder.says(PAGE, run) | {
        f"{PAGE}:preset": follow.option(run, "--preset", "fast", NETWORKS),
    }


def body() -> None:
    """The whole page."""
    draw(
        PAGE,
        _shown(),
        question="What does a network see in a picture?",
        needs=NEEDS,
        reading="apps.start.reading",
        controls=_controls,
        curve=lambda look: show_errors(look.rows, look.baseline, look.age, key=f"{PAGE}:curve", height=170),
        answer=lambda look: _answer(look.run, look.seen, look.state),
        tabs=lambda look: _tabs(look.run, look.seen, look.baseline),
    )


def _controls(run: Run | None, state: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content")
        runs = selection.runs_of([TARGET])
        if runs and run is not None:
            _run_menu(run, runs)
        own_folder.data_menu(
            PAGE, help="What the next network learns from: 1,797 handwritten digits, or your own pictures."
        )
        network = st.selectbox(
            "Network",
            list(NETWORKS),
            format_func=NETWORKS.__getitem__,
            key=f"{PAGE}:preset",
            width=120,
            help="Two convolutions, or three with more filters that learn for more steps.",
        )

    def argv() -> list[str]:
        return [TARGET, "--preset", str(network), *own_folder.words(PAGE)]

    with buttons:
        training.buttons(
            PAGE, run, state, argv, help="Train a new network from scratch, in a process of its own."
        )


def _run_menu(run: Run, runs: list[Run]) -> None:
    """Which of the trained networks lies under the microscope."""
    names = [each.name for each in runs]
    key = f"{PAGE}:menu"
    if st.session_state.get(key) not in names or st.session_state.get(f"{PAGE}:menu-of") != run.name:
        st.session_state[key] = run.name
        st.session_state[f"{PAGE}:menu-of"] = run.name
    picked = st.selectbox(
        "Trained",
        names,
        index=names.index(st.session_state[key]),  # as well, for a browser that is still loading the page
        key=key,
        width=170,
        help="Trained networks, the newest first; also those of Home.",
    )
    if picked != run.name:
        selection.choose(PAGE, next(each for each in runs if each.name == picked))
        st.session_state[f"{PAGE}:menu-of"] = picked
        st.rerun(scope="fragment")


def _answer(run: Run | None, seen: Any, state: str | None) -> str:
    if seen is None:
        if run is not None and state in wording.ALIVE:
            return (
                f"A network learns to read, and every filter of it can be seen. {wording.awaited(run, state)}"
            )
        return "Press *Train*: a network learns in seconds, and every filter of it can be seen."
    from apps.start import reading

    reached = 100 * reading.accuracy(seen).mean
    body = seen.classifier.model.body
    filters = sum(len(next(stage.children()).weight) for stage in body)
    return (
        f"{wording.count(filters, 'filter')} in {wording.count(len(body), 'convolution')} tell "
        f"**{reached:z.1f}** of 100 {reading.things(seen)} right that they have not seen."
    )


def _tabs(run: Run | None, seen: Any, neighbour: Any) -> None:
    if seen is None:
        skeleton.tabs(PAGE, dict.fromkeys(skeleton.TABS, lambda: waiting.show(run)))
        return
    from apps.microscope import attempt, code, compare, inside, limits

    skeleton.tabs(
        PAGE,
        {
            "Try": lambda: attempt.show(seen),
            "Inside": lambda: inside.show(seen),
            "Compare": lambda: compare.show(seen, neighbour),
            "Code": lambda: code.show(seen),
            "Limits": lambda: limits.show(seen),
        },
    )


live(body, needs=NEEDS, begin=_shown)

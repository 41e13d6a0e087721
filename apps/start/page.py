"""Sketch a digit; a network learns to read while you watch."""

from typing import Any

import streamlit as st

from apps.components import follow, own_folder, skeleton, training, wording
from apps.components.error_curve import show_errors
from apps.components.live import live
from apps.components.look import draw
from apps.start import waiting
from sandbox.runs import Run

TITLE = "Home"
SECTION = ""
ICON = ":material/home:"
ORDER = 0

PAGE = "start"
TARGET = "vision/classify"
NETWORKS = {"fast": "small", "best": "larger"}
"""Presets and what the menu calls them."""
NEEDS = ("torch", "apps.start.reading", "apps.start.pad", "apps.start.inside", "apps.start.limits")
RATES = ("as tuned", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3")


def _shown() -> Run | None:
    """The run that the page looks at; for whoever comes first, one that begins to learn."""
    return training.first_run(PAGE, TARGET, lambda: [TARGET, "--preset", "fast"], _says)


def _says(run: Run) -> dict[str, Any]:
    """What the controls say of a run."""
    return own_folder.says(PAGE, run) | {
        f"{PAGE}:preset": follow.option(run, "--preset", "fast", NETWORKS),
        f"{PAGE}:seed": int(run.config.get("seed") or 0),
        f"{PAGE}:rate": follow.option(run, "--learning-rate", RATES[0], RATES),
        f"{PAGE}:jitter": min(2.0, follow.option(run, "--jitter", 1.0)),
    }


def body() -> None:
    """The whole page."""
    draw(
        PAGE,
        _shown(),
        question="Can a network learn to read while you watch?",
        needs=NEEDS,
        reading="apps.start.reading",
        controls=_controls,
        curve=lambda look: show_errors(look.rows, look.baseline, look.age, key="start:curve"),
        answer=lambda look: _answer(look.run, look.seen, look.baseline, look.state),
        tabs=lambda look: _tabs(look.run, look.seen, look.baseline),
    )


def _controls(run: Run | None, state: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content")
        own_folder.data_menu(
            PAGE, help="What to learn from: 1,797 handwritten digits of 43 people, or pictures of your own."
        )
        network = st.selectbox(
            "Network",
            list(NETWORKS),
            format_func=NETWORKS.__getitem__,
            key="start:preset",
            width=120,
            help="Two convolutions, or three that learn for more steps.",
        )
        with st.popover("More", icon=":material/more_horiz:"):
            seed = st.number_input(
                "Seed",
                0,
                2**31 - 1,
                key=follow.first("start:seed", 0),
                help="Decides first weights and the order of the pictures.",
            )
            rate = st.select_slider(
                "Learning rate",
                RATES,
                key="start:rate",
                help="Largest step size of AdamW. Too small learns slowly, too large forgets again.",
            )
            jitter = st.slider(
                "Jitter",
                0.0,
                2.0,
                step=0.25,
                key=follow.first("start:jitter", 1.0),
                help="How far pictures are turned, stretched and slanted while training; 0 is not at all.",
            )

    def argv() -> list[str]:
        words = [TARGET, "--preset", str(network), "--seed", str(seed), "--jitter", str(jitter)]
        if rate != RATES[0]:
            words += ["--learning-rate", str(rate)]
        return words + own_folder.words(PAGE)

    with buttons:
        training.buttons(
            PAGE,
            run,
            state,
            argv,
            help="Train a new network from scratch, in a process of its own.",
        )


def _answer(run: Run | None, seen: Any, neighbour: Any, state: str | None) -> str:
    if seen is None:
        now = "Press *Train* and watch it learn."
        if run is not None and state in wording.ALIVE:
            now = wording.awaited(run, state)
        return f"{own_folder.examples(run)} {now}"
    from apps.start import reading

    reached = 100 * reading.accuracy(seen).mean
    mine = f"it reads **{reached:z.1f}** of 100 {reading.things(seen)} it has not seen"
    if neighbour is None:
        return f"After {wording.count(seen.step, 'step')} {mine}."
    other = 100 * neighbour.metrics["test_accuracy"]
    if other > reached:
        return (
            f"The {neighbour.name}, which learns nothing, reads **{other:z.1f}** of 100; "
            f"after {wording.count(seen.step, 'step')} the network reads **{reached:z.1f}**."
        )
    return f"After {wording.count(seen.step, 'step')} {mine}; the {neighbour.name} reads {other:z.1f}."


def _tabs(run: Run | None, seen: Any, neighbour: Any) -> None:
    if seen is None:
        others = dict.fromkeys(skeleton.TABS[1:], lambda: waiting.show(run))
        skeleton.tabs(PAGE, {"Try": lambda: waiting.show(run, pad=True), **others})
        return
    from apps.start import code, compare, inside, limits, pad

    skeleton.tabs(
        PAGE,
        {
            "Try": lambda: pad.show(seen),
            "Inside": lambda: inside.show(seen),
            "Compare": lambda: compare.show(seen, neighbour),
            "Code": lambda: code.show(seen),
            "Limits": lambda: limits.show(seen),
        },
    )


live(body, needs=NEEDS, begin=_shown)

"""Sketch a digit; a network learns to read while you watch."""

from pathlib import Path
from typing import Any

import streamlit as st

from apps.components import report, selection, skeleton, training, warm, wording
from apps.components.curves import Curve, Level, show_curves
from apps.components.live import live
from apps.start import waiting
from sandbox.errors import UserError
from sandbox.runs import Run, list_runs

TITLE = "Home"
SECTION = ""
ICON = ":material/home:"
ORDER = 0

PAGE = "start"
TARGET = "vision/classify"
NEEDS = ("torch", "apps.vision.classify")
FLOOR = 0.1
"""Least error on the logarithmic axis, in %: no error at all has no logarithm."""

DIGITS, OWN = "handwritten digits", "my own folder"
RATES = ("as tuned", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3")


def body() -> None:
    """The whole page."""
    heading = skeleton.Heading("Can a network learn to read while you watch?")
    run = selection.chosen(PAGE, [TARGET])
    if run is None:
        run = _first_run()
    status = run.status() if run is not None else None
    state = wording.state_of(run, status) if run is not None else None
    _controls(run, state)
    training.show_refusal(PAGE)
    if run is not None and status is not None:
        skeleton.message_of(run, status)
    view, below = st.container(), st.container()
    age = None
    rows = run.metrics() if run is not None else []
    ready = warm.ready(*NEEDS)
    with below:
        slot = st.container()
        if run is not None and not training.fresh(PAGE):
            age = skeleton.age_slider(PAGE, run, run.checkpoints(), "step")
    if training.fresh(PAGE) and run is not None:
        age = next(iter(run.checkpoints()), None)
    seen = neighbour = None
    if ready and run is not None:
        from apps.start import reading

        seen = reading.look(run, age)
        neighbour = reading.baseline(run)
    with slot:
        _curve([] if training.fresh(PAGE) else rows, neighbour, age)
    heading.answer(
        _answer(seen, neighbour, state), None if training.fresh(PAGE) else state, selection.usual_time(TARGET)
    )
    with view:
        _tabs(run, seen, neighbour)
    if run is not None and status is not None:
        skeleton.footer(run, status, report.downloads(run))


def _first_run() -> Run | None:
    """Whoever opens the studio for the first time finds a network that is learning."""
    if not st.session_state.get("start:tried"):
        st.session_state["start:tried"] = True
        if not any(run.config["target"] == TARGET for run in list_runs()):
            training.start(PAGE, lambda: [TARGET, "--preset", "fast"])
    return selection.chosen(PAGE, [TARGET])


def _controls(run: Run | None, state: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content")
        data = st.selectbox(
            "Data",
            [DIGITS, OWN],
            key="start:data",
            width=200,
            help="What to learn from: 1,797 handwritten digits of 43 people, or pictures of your own.",
        )
        folder = ""
        if data == OWN:
            folder = st.text_input(
                "Folder",
                key="start:folder",
                placeholder="/path/to/pictures",
                width=260,
                help="On this machine: a folder of PNG, JPEG or WEBP files per class, or MNIST's four files.",
            )
        network = st.selectbox(
            "Network",
            ["fast", "best"],
            format_func=lambda name: {"fast": "small", "best": "larger"}[name],
            key="start:preset",
            width=120,
            help="Two convolutions, or three that learn for more steps.",
        )
        with st.popover("More", icon=":material/more_horiz:"):
            seed = st.number_input(
                "Seed",
                0,
                2**31 - 1,
                0,
                key="start:seed",
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
                1.0,
                0.25,
                key="start:jitter",
                help="How far pictures are turned, stretched and slanted while training; 0 is not at all.",
            )

    def argv() -> list[str]:
        words = [TARGET, "--preset", str(network), "--seed", str(seed), "--jitter", str(jitter)]
        if rate != RATES[0]:
            words += ["--learning-rate", str(rate)]
        if data == OWN:
            if not folder or not Path(folder).expanduser().is_dir():
                raise UserError(f"There is no folder {folder!r} on this machine to learn from.")
            words += ["--data", str(Path(folder).expanduser())]
        return words

    with buttons:
        training.buttons(
            PAGE,
            run,
            state,
            argv,
            help="Train a new network from scratch, in a process of its own.",
        )


def _answer(seen: Any, neighbour: Any, state: str | None) -> str:
    if seen is None:
        now = (
            "It is about to begin." if state in ("queued", "running") else "Press *Train* and watch it learn."
        )
        return f"1,198 handwritten digits to learn from, 599 others to be tested on. {now}"
    from apps.start import reading

    reached = 100 * reading.accuracy(seen).mean
    mine = f"it reads **{reached:.1f}** of 100 {reading.things(seen)} it has not seen"
    if neighbour is None:
        return f"After {wording.count(seen.step, 'step')} {mine}."
    other = 100 * neighbour.metrics["test_accuracy"]
    if other > reached:
        return (
            f"The {neighbour.name}, which learns nothing, reads **{other:.1f}** of 100; "
            f"after {wording.count(seen.step, 'step')} the network reads **{reached:.1f}**."
        )
    return f"After {wording.count(seen.step, 'step')} {mine}; the {neighbour.name} reads {other:.1f}."


def _curve(rows: list[dict[str, Any]], neighbour: Any, age: int | None) -> None:
    def wrong(name: str) -> tuple[list[float], list[float]]:
        points = [row for row in rows if name in row]
        return [row["step"] for row in points], [max(FLOOR, 100 * (1 - row[name])) for row in points]

    (x, y), (held_x, held_y) = wrong("accuracy"), wrong("test_accuracy")
    levels = []
    if neighbour is not None:
        error = max(FLOOR, 100 * (1 - neighbour.metrics["test_accuracy"]))
        levels.append(Level(name=f"{neighbour.name} {error:.1f} %", y=error))
    show_curves(
        [
            Curve(name="learning from", x=x, y=y, style="light", format=".1f", unit=" %"),
            Curve(name="held out", x=held_x, y=held_y, format=".1f", unit=" %"),
        ],
        levels,
        x_title="steps of training",
        y_title="wrong, %",
        alt=f"Share of digits read wrong, now {held_y[-1]:.1f} %" if held_y else "Share of digits read wrong",
        log=True,
        y_range=(FLOOR, 100.0),
        mark=age,
        key="start:curve",
        height=210,
    )


def _tabs(run: Run | None, seen: Any, neighbour: Any) -> None:
    if seen is None:
        alive = run is not None and wording.state_of(run) in wording.ALIVE
        skeleton.tabs(PAGE, {"Try": lambda: waiting.show(alive)})
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


live(body, needs=NEEDS)

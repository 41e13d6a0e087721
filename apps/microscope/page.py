"""Look into a convolutional network: filters, activations, where it looks, and what it would miss."""

from typing import Any

import streamlit as st

from apps.components import report, selection, skeleton, training, warm, wording
from apps.components.curves import Curve, Level, show_curves
from apps.components.live import live
from sandbox.errors import UserError
from sandbox.runs import Run, list_runs

TITLE = "CNN microscope"
SECTION = "Methods"
ICON = ":material/biotech:"
ORDER = 21

PAGE = "microscope"
TARGET = "vision/classify"
NEEDS = ("torch", "apps.vision.classify", "sandbox.explain")
FLOOR = 0.1
"""Least error on the logarithmic axis, in %: no error at all has no logarithm."""
DIGITS, OWN = "handwritten digits", "my own folder"


def body() -> None:
    """The whole page."""
    heading = skeleton.Heading("What does a network see in a picture?")
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
    rows = run.metrics() if run is not None and not training.fresh(PAGE) else []
    age = None
    with below:
        slot = st.container()
        if run is not None and not training.fresh(PAGE):
            age = skeleton.age_slider(PAGE, run, run.checkpoints(), "step")
    if training.fresh(PAGE) and run is not None:
        age = next(iter(run.checkpoints()), None)
    seen = neighbour = None
    if run is not None and warm.ready(*NEEDS):
        from apps.start import reading

        seen = reading.look(run, age)
        neighbour = reading.baseline(run)
    with slot:
        _curve(rows, neighbour, age)
    heading.answer(
        _answer(seen, state), None if training.fresh(PAGE) else state, selection.usual_time(TARGET)
    )
    with view:
        _tabs(run, seen, neighbour)
    if run is not None and status is not None:
        skeleton.footer(run, status, report.downloads(run))


def _first_run() -> Run | None:
    """Whoever comes here first finds a network that is learning."""
    if not st.session_state.get(f"{PAGE}:tried"):
        st.session_state[f"{PAGE}:tried"] = True
        if not any(run.config["target"] == TARGET for run in list_runs()):
            training.start(PAGE, lambda: [TARGET, "--preset", "fast"])
    return selection.chosen(PAGE, [TARGET])


def _controls(run: Run | None, state: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content")
        runs = selection.runs_of([TARGET])
        if runs and run is not None:
            _run_menu(run, runs)
        data = st.selectbox(
            "Data",
            [DIGITS, OWN],
            key=f"{PAGE}:data",
            width=200,
            help="What the next network learns from: 1,797 handwritten digits, or pictures of your own.",
        )
        folder = ""
        if data == OWN:
            folder = st.text_input(
                "Folder",
                key=f"{PAGE}:folder",
                placeholder="/path/to/pictures",
                width=240,
                help="On this machine: a folder of PNG, JPEG or WEBP files for each class.",
            )
        network = st.selectbox(
            "Network",
            ["fast", "best"],
            format_func=lambda name: {"fast": "small", "best": "larger"}[name],
            key=f"{PAGE}:preset",
            width=120,
            help="Two convolutions and 700 steps, or three with more filters and 4,000.",
        )

    def argv() -> list[str]:
        words = [TARGET, "--preset", str(network)]
        if data == OWN:
            from pathlib import Path

            path = Path(folder).expanduser()
            if not folder or not path.is_dir():
                raise UserError(f"There is no folder {folder!r} on this machine to learn from.")
            words += ["--data", str(path)]
        return words

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
        "Trained", names, key=key, width=170, help="Trained networks, the newest first; also those of Home."
    )
    if picked != run.name:
        selection.choose(PAGE, next(each for each in runs if each.name == picked))
        st.session_state[f"{PAGE}:menu-of"] = picked
        st.rerun(scope="fragment")


def _answer(seen: Any, state: str | None) -> str:
    if seen is None:
        if state in ("queued", "running"):
            return "A network is about to begin to learn; then every filter of it can be seen."
        return "Press *Train*: a network learns in seconds, and every filter of it can be seen."
    from apps.start import reading

    reached = 100 * reading.accuracy(seen).mean
    body = seen.classifier.model.body
    filters = sum(len(next(stage.children()).weight) for stage in body)
    return (
        f"{wording.count(filters, 'filter')} in {wording.count(len(body), 'convolution')} tell "
        f"**{reached:.1f}** of 100 {reading.things(seen)} right that they have not seen."
    )


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
        alt=f"Share told wrong, now {held_y[-1]:.1f} %" if held_y else "Share told wrong",
        log=True,
        y_range=(FLOOR, 100.0),
        mark=age,
        key=f"{PAGE}:curve",
        height=170,
    )


def _tabs(run: Run | None, seen: Any, neighbour: Any) -> None:
    if seen is None:
        alive = run is not None and wording.state_of(run) in wording.ALIVE
        skeleton.tabs(PAGE, {"Try": lambda: _waiting(alive)})
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


def _waiting(alive: bool) -> None:
    if alive:
        st.caption("The network is about to begin; its filters appear as soon as it has looked once.")
        st.skeleton(height=260)
    else:
        st.caption("There is no network to look into yet. *Train* makes one in seconds.")


live(body, needs=NEEDS)

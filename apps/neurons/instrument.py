"""Paint points, and watch every neuron while a small network learns them."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.neurons import controls, screen
from apps.neurons.controls import PAGE, PAINTED, Choice
from apps.studio import background_imports, background_work, wording
from apps.studio.charts.curves import Curve, Level, show_curves
from apps.studio.page import layout
from apps.studio.page.polling import guarded, live
from apps.studio.plain_text import escape, sentence
from sandbox.errors import UserError

if TYPE_CHECKING:
    from apps.neurons.lab import Lab


NEEDS = ("torch", "torch._dynamo", "apps.neurons.lab", "apps.neurons.take_away")
TABS = ("Try", "Inside", "Compare", "Code", "Limits")
WHOLE = f"{PAGE}:whole"
"""Whether the whole page is being drawn, the board included."""
FLOOR = 0.1
"""Least error on the logarithmic axis, in %: no error at all has no logarithm."""


def main() -> None:
    """Lay the page out, then fill it by two fragments: one looks every second, one moves the board.

    Both write into containers of the page itself, as in the Arena.
    """
    top = st.container()
    tab, panel = layout.open_tab(PAGE, TABS)
    with panel:
        place, above = st.container(), st.container()
    below = st.container()
    st.session_state[WHOLE] = True
    try:
        with top:
            live(lambda: body(tab, above.container(), below.container()), needs=NEEDS, busy=screen.playing)
        with place:
            screen.show(drawn=tab == "Try")
    finally:
        st.session_state[WHOLE] = False


def body(tab: str, above: Any, below: Any) -> None:
    """Everything but the board.

    Args:
        tab: the open one.
        above: the container of the tab.
        below: the container under the tabs.
    """
    heading = layout.Heading("What does each neuron do while a network learns?")
    try:
        choice = controls.row(_buttons)
        choice.points.check()
        st.session_state[screen.CHOICE] = choice
    except UserError as error:
        _refused(heading, error)
        return
    ready = background_imports.ready(*NEEDS)
    lab = _follow(choice) if ready else None
    with below:
        slot = st.container()
        age = layout.scrub(PAGE, lab.ages, "kept looks at its weights") if lab is not None else None
        st.session_state[screen.AGE] = age
        if lab is not None:
            from apps.neurons import take_away

            layout.foot(_facts(lab), take_away.downloads(lab, choice), link=choice.data in controls.SETS)
        with slot:
            _curve(choice, lab, age)
    heading.answer(_answer(choice, lab), None if lab is None or lab.state == "queued" else lab.state)
    with above, guarded():
        _tab(tab, choice, lab, age)
    if lab is not None and lab.trouble:
        with above:
            st.error(sentence(lab.trouble), icon=":material/error:")
    if _board_is_behind():
        st.rerun()


def _board_is_behind() -> bool:
    """Whether the board, which is another fragment, was drawn for something else than is chosen now."""
    return not st.session_state[WHOLE] and st.session_state.get(screen.SHOWN) != screen.wanted()


def _refused(heading: layout.Heading, error: UserError) -> None:
    """Nothing can be learned from these points: the board shows them, one sentence says what is missing.

    What had learned from others is given up: its figures would be about points that are gone.
    """
    gone = screen.lab() is not None
    st.session_state[screen.LAB] = st.session_state[screen.CHOICE] = None
    st.session_state.pop(f"{PAGE}:kind", None)
    if gone or _board_is_behind():
        st.rerun()  # the buttons above were drawn for it
    heading.answer("Nothing is learned yet.")
    st.info(sentence(error), icon=":material/info:")


def _follow(choice: Choice) -> "Lab":
    """What learns, made anew when the controls say something else.

    Painting goes on with the same network while it learns; one that has ended makes room for a new one.
    """
    from apps.neurons.lab import Lab
    from apps.neurons.plane import Settings

    lab = screen.lab()
    kept = st.session_state.get(f"{PAGE}:kind")
    same = lab is not None and lab.points.classes == choice.points.classes
    # Painting on a set makes it one's own without another network.
    if lab is not None and same and (kept == choice.kind or _repainted(kept, choice)):
        if controls.fingerprint(lab.points) == controls.fingerprint(choice.points):
            return lab
        if lab.state != "done":
            lab.repaint(choice.points)
            st.session_state[f"{PAGE}:kind"] = choice.kind
            return lab
    lab = st.session_state[screen.LAB] = Lab(choice.points, Settings(**choice.settings), choice.seed)
    lab.playing = True
    lab.advance(round(choice.speed * screen.LOOK))  # so that what is drawn first has learned already
    st.session_state[f"{PAGE}:kind"] = choice.kind
    st.session_state.pop(f"{PAGE}-age", None)
    return lab


def _repainted(kept: Any, choice: Choice) -> bool:
    made = ("points", "noise", "turns")

    def rest(settings: Any) -> list[Any]:
        return [item for item in settings if item[0] not in made]

    return bool(
        kept and choice.data == PAINTED and rest(kept[2]) == rest(choice.kind[2]) and kept[3] == choice.seed
    )


def _buttons() -> None:
    lab = screen.lab()
    state = None if lab is None else lab.state
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content"):
        st.button(
            "Resume" if state == "stopped" else "Train",
            type="primary",
            icon=":material/play_arrow:",
            key=f"{PAGE}:train",
            disabled=lab is None or state == "running",
            on_click=_train,
            help="Learn from the first step to the last, here on the page; seconds.",
        )
        st.button(
            "Stop",
            icon=":material/stop:",
            key=f"{PAGE}:stop",
            disabled=state != "running",
            on_click=_stop,
            help="Hold it; everything stays as it is now.",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key=f"{PAGE}:reset",
            disabled=lab is None or (state == "queued"),
            on_click=_reset,
            help="Back to fresh weights, the same for the same seed.",
        )


def _train() -> None:
    lab = screen.lab()
    if lab is not None and lab.state in ("done", "failed"):
        _reset()
    if (lab := screen.lab()) is not None:
        lab.playing = True


def _stop() -> None:
    if (lab := screen.lab()) is not None:
        lab.playing = False


def _reset() -> None:
    from apps.neurons.lab import Lab

    if (lab := screen.lab()) is not None:
        st.session_state[screen.LAB] = Lab(lab.points, lab.settings, lab.seed)
        st.session_state.pop(f"{PAGE}-age", None)


def _answer(choice: Choice, lab: "Lab | None") -> str:
    points = choice.points
    held = int(points.held.sum())
    made = " The points are *synthetic*." if points.synthetic else ""
    if lab is None:
        return f"{len(points.x) - held} points to learn from, {held} others to be tested on.{made}"
    score = 100 * lab.rows[-1]["test_score"]
    reached = (
        f"it tells **{score:z.1f}** of 100 held-out points right"
        if points.classes
        else f"it explains **{score:z.1f} %** of the variance of points held out"
    )
    said = f"After {wording.count(lab.step, 'step')} {reached}"
    if (neighbour := _neighbours(choice)) is None:
        return f"{said}.{made}"
    other = 100 * neighbour.metrics["test_score"]
    return f"{said}; the {neighbour.name}, which learn nothing, {other:z.1f}.{made}"


def _neighbours(choice: Choice) -> Any:
    from apps.neurons import scores

    key = ("neurons neighbours", controls.fingerprint(choice.points))
    return background_work.ask(key, lambda: scores.neighbours(choice.points))


def _curve(choice: Choice, lab: "Lab | None", age: int | None) -> None:
    rows = [] if lab is None else lab.rows
    classes = bool(choice.points.classes)
    name = "wrong, %" if classes else "variance not explained, %"

    def series(key: str) -> tuple[list[float], list[float]]:
        return [row["step"] for row in rows], [100 * (1 - row[key]) for row in rows]

    levels = []
    if lab is not None and (neighbour := _neighbours(choice)) is not None:
        error = 100 * (1 - neighbour.metrics["test_score"])
        levels = [Level(name=f"neighbours {error:z.1f} %", y=max(FLOOR, error))]
    (x, y), (held_x, held_y) = series("score"), series("test_score")
    show_curves(
        [
            Curve(name="learned from", x=x, y=y, floor=FLOOR, style="light", format=".1f", unit=" %"),
            Curve(name="held out", x=held_x, y=held_y, floor=FLOOR, format=".1f", unit=" %"),
        ],
        levels,
        x_title="steps of training",
        y_title=name,
        alt=f"Share {name.removesuffix(', %')} while training, now {held_y[-1]:z.1f} %" if held_y else name,
        log=True,
        y_range=(FLOOR, 100.0),
        mark=age,
        key=f"{PAGE}:curve",
        height=190,
    )


def _facts(lab: "Lab") -> list[str]:
    return [
        escape(lab.points.name),
        f"seed {lab.seed}",
        "CPU, 1 thread",
        wording.count(lab.step, "step"),
        wording.duration(lab.seconds),
    ]


def _tab(tab: str, choice: Choice, lab: "Lab | None", age: int | None) -> None:
    if tab == "Try" or lab is None:
        for note in choice.points.notes:
            st.caption(escape(note))
        return
    from apps.neurons import code, compare, inside, limits

    match tab:
        case "Inside":
            inside.show(lab, age)
        case "Compare":
            compare.show(choice, lab)
        case "Code":
            code.show(choice, lab)
        case "Limits":
            limits.show(choice, lab)

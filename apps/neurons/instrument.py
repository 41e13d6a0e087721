"""Paint points, and watch every neuron while a small network learns them."""

import importlib
import shlex
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.neurons import board_fragment, controls
from apps.neurons.controls import PAGE, PAINTED, Choice
from apps.neurons.page import PAGE as ABOUT
from apps.studio import background_imports, wording
from apps.studio.page import curve, layout
from apps.studio.page.draw import TABS, Shown
from apps.studio.page.polling import guarded, live
from apps.studio.plain_text import escape, sentence
from sandbox.data.plane_points import SETS
from sandbox.errors import UserError

if TYPE_CHECKING:
    from apps.neurons.live_training import LiveTraining


WHOLE = f"{PAGE}:whole"
"""Whether the whole page is being drawn, the board included."""
OWN_FILE = "points.csv"
"""The file of own points, in commands and scripts."""


def main() -> None:
    """Lay the page out, then fill it by two fragments: one looks every second, one moves the board.

    Both write into containers of the page itself, as in the Arena.
    """
    top = st.container()
    tab, panel = layout.open_tab(PAGE, tuple(TABS))
    with panel:
        place, above = st.container(), st.container()
    below = st.container()
    st.session_state[WHOLE] = True
    try:
        with top:
            live(
                lambda: body(tab, above.container(), below.container()),
                needs=ABOUT.waits_for,
                busy=board_fragment.playing,
            )
        with place:
            board_fragment.show(drawn=tab == "Try")
    finally:
        st.session_state[WHOLE] = False


def body(tab: str, above: Any, below: Any) -> None:
    """Everything but the board.

    Args:
        tab: the open one.
        above: the container of the tab.
        below: the container under the tabs.
    """
    heading = layout.Heading(ABOUT.question)
    try:
        choice = controls.row(_buttons)
        choice.points.check()
        st.session_state[board_fragment.CHOICE] = choice
    except UserError as error:
        _refused(heading, error)
        return
    training = _follow(choice) if background_imports.ready(*ABOUT.waits_for) else None
    age = None
    with below:
        slot = st.container()
        if training is not None:
            age = layout.scrub(PAGE, training.ages, "kept looks at its weights")
            _footer(choice, training)
        st.session_state[board_fragment.AGE] = age
    shown = _shown(training, age)
    with slot:
        curve.show(shown)
    if training is None:
        unseen = int(choice.points.unseen.sum())
        heading.answer(f"{len(choice.points.x) - unseen} training points and {unseen} unseen ones.")
    else:
        heading.answer(curve.sentence(shown), None if training.state == "queued" else training.state)
    with above, guarded():
        if training is not None and training.trouble:
            st.error(sentence(training.trouble), icon=":material/error:")
        _tab(tab, choice, shown)
    if _board_is_behind():
        st.rerun()


def _board_is_behind() -> bool:
    """Whether the board, which is another fragment, was drawn for something else than is chosen now."""
    drawn_for = st.session_state.get(board_fragment.SHOWN)
    return not st.session_state[WHOLE] and drawn_for != board_fragment.wanted()


def _refused(heading: layout.Heading, error: UserError) -> None:
    """Nothing can be learned from these points: the board shows them, one sentence says what is missing.

    The network that has learned others is given up: its figures would be about points that are gone.
    """
    gone = board_fragment.training() is not None
    st.session_state[board_fragment.TRAINING] = st.session_state[board_fragment.CHOICE] = None
    st.session_state.pop(f"{PAGE}:kind", None)
    if gone or _board_is_behind():
        st.rerun()  # the buttons above were drawn for it
    heading.answer("Nothing is learned yet.")
    st.info(sentence(error), icon=":material/info:")


def _follow(choice: Choice) -> "LiveTraining":
    """The training, made anew when the controls say something else.

    Painting goes on with the same network while it learns; one that has ended makes room for a new one.
    """
    from apps.neurons.live_training import LiveTraining
    from apps.neurons.plane import Settings

    training = board_fragment.training()
    made_by = st.session_state.get(f"{PAGE}:kind")
    data = choice.data if choice.data in SETS else OWN_FILE
    same = training is not None and training.points.classes == choice.points.classes
    # Painting on a set makes it one's own without another network.
    if training is not None and same and (made_by == choice.kind or _repainted(made_by, choice)):
        if training.points.fingerprint == choice.points.fingerprint:
            return training
        if training.state != "done":
            training.repaint(choice.points, data)
            st.session_state[f"{PAGE}:kind"] = choice.kind
            return training
    training = LiveTraining(choice.points, Settings(**choice.settings), choice.seed, data)
    st.session_state[board_fragment.TRAINING] = training
    training.playing = True
    training.advance(round(choice.speed * board_fragment.LOOK))  # what is drawn first has learned already
    st.session_state[f"{PAGE}:kind"] = choice.kind
    st.session_state.pop(f"{PAGE}-age", None)
    return training


def _repainted(made_by: Any, choice: Choice) -> bool:
    made = ("points", "noise", "turns")

    def rest(settings: Any) -> list[Any]:
        return [item for item in settings if item[0] not in made]

    return bool(
        made_by
        and choice.data == PAINTED
        and rest(made_by[2]) == rest(choice.kind[2])
        and made_by[3] == choice.seed
    )


def _buttons() -> None:
    training = board_fragment.training()
    state = None if training is None else training.state
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content"):
        st.button(
            "Resume" if state == "stopped" else "Train",
            type="primary",
            icon=":material/play_arrow:",
            key=f"{PAGE}:train",
            disabled=training is None or state == "running",
            on_click=_train,
            help="Train from the first step to the last, here on the page; it takes seconds.",
        )
        st.button(
            "Stop",
            icon=":material/stop:",
            key=f"{PAGE}:stop",
            disabled=state != "running",
            on_click=_stop,
            help="Pause the training; everything stays as it is now.",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key=f"{PAGE}:reset",
            disabled=training is None or (state == "queued"),
            on_click=_reset,
            help="Back to untrained weights, the same for the same seed.",
        )


def _train() -> None:
    training = board_fragment.training()
    if training is not None and training.state in ("done", "failed"):
        _reset()
    if (training := board_fragment.training()) is not None:
        training.playing = True


def _stop() -> None:
    if (training := board_fragment.training()) is not None:
        training.playing = False


def _reset() -> None:
    from apps.neurons.live_training import LiveTraining

    if (old := board_fragment.training()) is not None:
        st.session_state[board_fragment.TRAINING] = LiveTraining(old.points, old.settings, old.seed, old.data)
        st.session_state.pop(f"{PAGE}-age", None)


def _shown(training: "LiveTraining | None", age: int | None) -> Shown:
    """The training as the studio's tabs know it."""
    if training is None:
        return Shown(ABOUT, None, None, age, [], None)
    from apps.neurons.live_view import LiveRun, LiveView

    run: Any = LiveRun(training)
    return Shown(ABOUT, run, training.state, age, training.rows, LiveView.of(training, age))


def _footer(choice: Choice, training: "LiveTraining") -> None:
    from apps.neurons import downloads

    facts = [
        escape(training.points.name),
        f"seed {training.seed}",
        "CPU, 1 thread",
        wording.count(training.step, "step"),
        wording.duration(training.seconds),
    ]
    layout.foot(facts, downloads.downloads(training), link=choice.data in SETS)


def _tab(tab: str, choice: Choice, shown: Shown) -> None:
    if tab == "Try":
        for note in choice.points.notes:
            st.caption(escape(note))
    elif shown.view is None:
        st.caption("Loading the network …")
    elif tab == "Code":
        _code(choice, shown)
    else:
        importlib.import_module(f"apps.studio.page.{TABS[tab]}").show(shown)


def _code(choice: Choice, shown: Shown) -> None:
    """The command and the script that come to the same, then the code that ran."""
    from apps.neurons import downloads
    from apps.studio.page import code_tab
    from apps.studio.page.downloads import command
    from apps.studio.page.source_code import show_python

    training = board_fragment.training()
    assert training is not None and shown.run is not None and shown.view is not None
    if training.changed:
        what = " and ".join(sorted(training.changed))
        st.info(
            f"You changed {what} during the training. The script starts with new weights and these points, "
            "so its figures differ from this page; after *Reset* and *Train* they agree.",
            icon=":material/info:",
        )
    st.markdown("**This training**, from the command line, to the last bit:")
    st.code("sandbox " + shlex.join(command(shown.run)), language="bash", wrap_lines=True)
    if choice.data not in SETS:
        st.caption("*Points*, below the page, downloads the file `points.csv`; the script contains it.")
    st.markdown("**A script** that trains it again and tests it on the unseen points:")
    show_python(downloads.script(training))
    code_tab.show_parts(ABOUT, shown.view)

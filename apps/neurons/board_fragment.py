"""The board on the page: a fragment that learns a little at each look, and does what a person did on it."""

import time
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.neurons import board, board_data, controls
from apps.neurons.controls import DATA, PAGE, PAINTED, POINTS, TABLE, Choice
from apps.studio import wording
from apps.studio.page import movable_menu
from apps.studio.page.polling import guarded
from sandbox.data.plane_points import LETTERS
from sandbox.errors import UserError

if TYPE_CHECKING:
    from apps.neurons.live_training import LiveTraining

LOOK = 0.1
"""Seconds between two pictures while it learns."""
BOARD = f"{PAGE}:board"
TRAINING, CHOICE, AGE = f"{PAGE}:training", f"{PAGE}:choice", f"{PAGE}:look"
"""The training of this session, the controls that it was made by, and the age that is looked at."""
SHOWN = f"{PAGE}:shown"
"""What the board was last drawn for, see `wanted`."""
FRAME = f"{PAGE}:frame"
LOOKED = f"{PAGE}:looked"
MOST = 1000
"""Points that may be painted."""


def training() -> "LiveTraining | None":
    """The training of this session."""
    return st.session_state.get(TRAINING)


def playing() -> bool:
    """Whether something learns in this session."""
    found = training()
    return found is not None and found.playing


def wanted() -> tuple[Any, ...]:
    """What the board is to be drawn for: whether it moves by itself, the age, and the data."""
    return playing(), st.session_state.get(AGE), st.session_state.get(DATA)


def show(*, drawn: bool) -> None:
    """Draw the board, again and again while something learns.

    Args:
        drawn: whether the open tab is the board's; on others it goes on learning.
    """
    moving = playing()
    st.session_state[SHOWN] = wanted()
    st.fragment(_look, run_every=LOOK if moving else None)(drawn, moving)


def _look(drawn: bool, moving: bool) -> None:
    whole = False
    with guarded():
        whole = _obey(training())
        choice, found = st.session_state.get(CHOICE), training()
        if found is not None and choice is not None and found.playing:
            found.advance(_due(choice.speed))
        if drawn:
            _draw(choice, found)
    if whole or moving != playing():
        st.rerun()


def _due(speed: int) -> int:
    """Steps since the last look: as many on a busy machine, that looks less often, as on an idle one."""
    now = time.perf_counter()
    since = min(1.0, now - st.session_state.get(LOOKED, now - LOOK))
    st.session_state[LOOKED] = now
    return max(1, round(speed * since))


def _draw(choice: Choice | None, found: "LiveTraining | None") -> None:
    number = st.session_state[FRAME] = st.session_state.get(FRAME, 0) + 1
    painting = st.session_state.get(DATA) == PAINTED
    if found is not None and choice is not None and (not painting or _enough()):
        paint = choice.data != TABLE and bool(choice.points.classes)
        drawn = board_data.frame(found, st.session_state.get(AGE), paint=paint, number=number)
    elif painting:
        few = controls.painted(st.session_state.get(POINTS, []))
        words = wording.count(len(few.x), "point") if len(few.x) else "Paint points of two classes here."
        drawn = {**board_data.waiting(few, words), "paint": True, "frame": number}
    elif choice is not None:
        drawn = board_data.waiting(choice.points, "Loading the network …")
    else:
        return
    board.board({**drawn, "painted": painting}, key=BOARD)


def _enough() -> bool:
    try:
        controls.painted(st.session_state.get(POINTS, [])).check()
    except UserError:
        return False
    return True


def _obey(found: "LiveTraining | None") -> bool:
    """Do what a person did on the board; returns whether the whole page has to be drawn anew."""
    whole = False
    for kind, act in board.acts(BOARD).items():
        board.done(BOARD, kind, act)
        if kind == "paint":
            st.session_state[POINTS] = clean(act.get("points"))
            movable_menu.move(DATA, PAINTED)
            whole = True
        elif kind == "turn" and found is not None:
            for layer, to, of, value in edits(act.get("edits")):
                found.turn(layer, to, of, value)
    return whole


def clean(points: Any) -> list[tuple[float, float, int]]:
    """Painted points as they may be: a browser can send anything."""
    kept = []
    for point in points if isinstance(points, list) else []:
        try:
            x, y, number = float(point[0]), float(point[1]), int(point[2])
        except (TypeError, ValueError, IndexError, OverflowError):
            continue
        if abs(x) <= 1.5 and abs(y) <= 1.5 and 0 <= number < len(LETTERS):
            kept.append((x, y, number))
    return kept[:MOST]


def edits(sent: Any) -> list[tuple[int, int, int, float]]:
    """Edited weights, `{"layer,to,of": value}`, as numbers; what is no edit is left out."""
    kept = []
    for place, value in sent.items() if isinstance(sent, dict) else ():
        try:
            layer, to, of = (int(number) for number in str(place).split(","))
            kept.append((layer, to, of, float(value)))
        except (TypeError, ValueError, OverflowError):
            continue
    return kept

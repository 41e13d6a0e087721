"""Closed loop: the network drives an environment by what it sees, beside the player told the true state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.studio import background_work
from apps.studio.browser.frame_player import frame_player
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import sentence
from sandbox import registry
from sandbox.errors import UserError

if TYPE_CHECKING:
    from agents.loops.closed_loop import ClosedLoop

TITLE = "Closed loop"
ORDER = 5
EPISODES = 10
"""That everybody drives when it is measured here."""
FIRST = ("layout",)
"""Parameters of an environment with a slider in the first row, where it has them."""


def fits(view: RunView) -> bool:
    """Whether the task drives an environment, and this network has learned from its pictures."""
    if registry.loop_of(view.run.config["target"]) is None:
        return False
    from agents.loops.closed_loop import the_loop_of  # with the environments, which other pages do not need

    try:
        the_loop_of(view.run.config["target"]).size(view.predictor)
    except UserError:
        return False
    return True


def show(page: str, view: RunView) -> None:
    """Draw sliders, both players over the same episode, and what they reach in several."""
    from agents.loops.closed_loop import the_loop_of
    from agents.loops.seeing_player import SeeingPlayer
    from apps.studio.page.side_by_side import SideBySide

    loop = the_loop_of(view.run.config["target"])
    conditions = sliders(page, loop)
    baseline = next(iter(view.baselines), None)
    who = st.segmented_control(
        "Who sees",
        ["network", *([baseline] if baseline else [])],
        default="network",
        required=True,
        key=f"{page}:loop:who",
        label_visibility="collapsed",
    )
    key = (*view.key, who)
    kept = st.session_state.get(f"{page}:loop")
    if kept is None or kept[0] != key:
        predictor = view.predictor if who == "network" else view.baselines[str(who)]
        title = f"{view.run.name} at step {view.step:,}" if who == "network" else str(who)
        made = SideBySide(SeeingPlayer(loop, predictor, run=str(key)), title, conditions)
        kept = st.session_state[f"{page}:loop"] = (key, made)
    kept[1].turn(conditions)
    frame_player(kept[1].feed, key=f"{page}:loop:player")
    st.caption(
        "Left, the camera's picture decides; boxes show what is seen. Right, the environment's own player is "
        "told where everything is. Both play the same episode, and the rest of the machine is the same."
    )
    _measured(page, view, conditions)


def sliders(page: str, loop: ClosedLoop) -> dict[str, float | int]:
    """Sliders for fog, night and the environment's parameters; returns what differs from the usual."""
    declared = {
        name: param for name, param in loop.world.params.items() if not isinstance(param.default, bool)
    }
    values: dict[str, float | int] = {}
    first = [name for name in FIRST if name in declared]
    columns = st.columns(len(loop.spoils[:3]) + len(first) + 1, vertical_alignment="bottom")
    for column, (name, way) in zip(columns, list(loop.ways.items())[:3], strict=False):
        with column:
            values[name] = _amount(page, name, way)
    for column, name in zip(columns[3:], first, strict=False):
        with column:
            values[name] = _param(page, name, declared[name])
    with columns[-1], st.popover("More", icon=":material/tune:"):
        for name, way in list(loop.ways.items())[3:]:
            values[name] = _amount(page, name, way)
        for name, param in declared.items():
            if name not in first:
                values[name] = _param(page, name, param)
    usual = {name: declared[name].default if name in declared else 0 for name in values}
    return {name: value for name, value in values.items() if value != usual[name]}


def _amount(page: str, name: str, way: Any) -> float:
    return st.slider(
        way.title,
        0.0,
        float(way.most),
        0.0,
        way.most / 20,
        key=f"{page}:loop:{name}",
        help=f"{way.unit}. {way.why}",
    )


def _param(page: str, name: str, param: Any) -> float | int:
    kind = int if isinstance(param.default, int) else float
    low, high = kind(param.low), kind(param.high)
    return st.slider(
        name.replace("_", " ").capitalize() + (f", {param.unit}" if param.unit else ""),
        low,
        high,
        kind(param.default),
        1 if kind is int else (high - low) / 100,
        key=f"{page}:loop:{name}",
        help=param.help or None,
    )


def _measured(page: str, view: RunView, conditions: Mapping[str, float | int]) -> None:
    asked = f"{page}:loop:asked"
    key = ("closed loop", *view.key, tuple(sorted(conditions.items())))
    if st.button(
        f"Measure {EPISODES} episodes",
        icon=":material/science:",
        key=f"{page}:loop:measure",
        help="Network, baseline and true state drive the same unseen episodes, under the conditions above.",
    ):
        st.session_state[asked] = key
    if st.session_state.get(asked) != key:
        return
    run, step = view.run, view.step

    def work() -> Any:
        from agents.loops.scores import compare
        from agents.loops.table import rows

        return rows(run, compare(run, step, episodes=EPISODES, conditions=conditions))

    try:
        found = background_work.ask(key, work)
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        return
    if found is None:
        st.caption("Everybody is driving; this takes a minute or two …")
        return
    head, rows = found
    names = [name.removeprefix(">") for name in head]
    st.dataframe([dict(zip(names, row, strict=True)) for row in rows], hide_index=True)
    st.caption("Means of an episode with their 95 % intervals.")

"""A machine learns how digits look, completes half of one, and dreams; stacked, it learns to name them."""

from typing import Any

import streamlit as st

from apps.energy import layers
from apps.studio import wording
from apps.studio.charts.curves import Curve, Level, on_the_way, show_curves, tell_part
from apps.studio.page import control_values, layout, own_folder, training_buttons
from apps.studio.page.polling import live
from apps.studio.page.run_page import Look, draw, waiting
from envs.engine import palette
from sandbox.runs import Run

PAGE = "energy"
NEEDS = ("torch", "apps.energy.reading", "apps.energy.attempt")
MENU = "energy:machine"
TARGETS = {"energy/rbm": "one layer (RBM)", "energy/dbn": "layer by layer (DBN)"}
"""Machines and what the menu calls them."""
QUESTIONS = {
    "energy/rbm": "Can a machine dream up the half that is missing?",
    "energy/dbn": "Does it help to look before anybody names anything?",
}
WAYS = {"PCD": ["--chains", "128"], "CD-1": ["--chains", "0"], "CD-5": ["--chains", "0", "--gibbs", "5"]}


UNITS = (16, 32, 64, 128, 256)


def _shown() -> Run | None:
    """The run that the page looks at; for whoever comes first, one that begins to learn."""
    return training_buttons.run_of_menu(PAGE, MENU, list(TARGETS), lambda target: [target], _says)


def _says(run: Run) -> dict[str, Any]:
    """What the controls say of a run."""
    words = {name: control_values.options(run).get(name) or [] for name in ("--chains", "--gibbs")}
    way = "PCD" if words["--chains"] != ["0"] else "CD-5" if words["--gibbs"] == ["5"] else "CD-1"
    return own_folder.says(PAGE, run) | {
        "energy:way": way,
        "energy:labels": min(1000, max(10, control_values.option(run, "--labels", 50))),
        "energy:seed": int(run.config.get("seed") or 0),
        "energy:hidden-units": control_values.option(run, "--hidden", 128, UNITS),
    }


def body() -> None:
    """The whole page."""
    run = _shown()
    target = str(st.session_state[MENU])
    draw(
        PAGE,
        run,
        question=QUESTIONS[target],
        needs=NEEDS,
        reading="apps.energy.reading",
        controls=_controls,
        curve=lambda look: _curve_of(target, look),
        answer=lambda look: _answer(look.run, target, look.seen, look.baseline, look.state),
        tabs=lambda look: _tabs(look.run, look.seen, look.baseline),
    )


def _curve_of(target: str, look: Look) -> None:
    rows, seen = look.rows, look.seen
    if target == "energy/dbn" and seen is not None and rows and rows[-1]["step"] <= _before(seen):
        layers.show_rebuilding(rows, look.age, key="energy:looking")
    else:
        _curve(target, rows, look.baseline, look.age)


def _controls(run: Run | None, state: str | None) -> str:
    words: list[str] = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content")
        target = st.selectbox(
            "Machine",
            list(TARGETS),
            # Besides what the session holds, which a browser that is still loading the page may miss.
            index=list(TARGETS).index(st.session_state[MENU]),
            key=MENU,
            format_func=TARGETS.__getitem__,
            width=190,
            help="One restricted Boltzmann machine, which completes; or a stack, which learns to name.",
        )
        own_folder.data_menu(
            PAGE, help="What to learn from: 1,797 handwritten digits, or pictures of your own, in grey."
        )
        if target == "energy/rbm":
            way = st.selectbox(
                "Learns by",
                list(WAYS),
                key="energy:way",
                width=110,
                help="PCD keeps its chains running between steps; CD-k starts at the data and draws k times.",
            )
            words += WAYS[str(way)]
        else:
            labels = st.number_input(
                "Labels",
                10,
                1000,
                step=10,
                key=control_values.first("energy:labels", 50),
                width=110,
                help="Pictures whose digit is told, 10 to 1,000; all others are only looked at.",
            )
            words += ["--labels", str(labels)]
        words += _more(target)

    def argv() -> list[str]:
        return [target, *words, *own_folder.words(PAGE)]

    with buttons:
        training_buttons.buttons(
            PAGE, run, state, argv, help="Train a new machine from scratch, in a process of its own."
        )
    return target


def _more(target: str) -> list[str]:
    with st.popover("More", icon=":material/more_horiz:"):
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            key=control_values.first("energy:seed", 0),
            help="Of first weights and draws.",
        )
        hidden = st.select_slider(
            "Hidden units", UNITS, key=control_values.first("energy:hidden-units", 128), help="Of each layer."
        )
    words = ["--seed", str(seed)]
    if target == "energy/rbm":
        return [*words, "--hidden", str(hidden)]
    return [*words, "--hidden", str(hidden), str(hidden)]


def _answer(run: Run | None, target: str, seen: Any, other: Any, state: str | None) -> str:
    if seen is None:
        now = "Press *Train* and watch it learn."
        if run is not None and state in wording.ALIVE:
            now = wording.awaited(run, state)
        return f"{own_folder.examples(run)} {now}"
    from apps.energy import reading

    if target == "energy/dbn" and seen.step <= _before(seen):
        return _looked(seen, reading.rebuilding(seen))
    figures = reading.figures(seen)
    if figures is None or other is None:
        # What was said a moment ago stays until the next figures are there: nothing blinks.
        waiting = f"{len(seen.pictures.test)} pictures that it has not seen are being asked about."
        return st.session_state.get(f"energy:said:{seen.run.name}", waiting)
    text = _told(target, seen, other, figures)
    st.session_state[f"energy:said:{seen.run.name}"] = text
    return text


def _told(target: str, seen: Any, other: Any, figures: dict[str, float]) -> str:
    after = f"after {wording.count(seen.step, 'step')}"
    if target == "energy/rbm":
        mine, theirs = 100 * figures["test_completion"], 100 * other.metrics["test_completion"]
        it = f"the machine explains **{mine:z.0f} %** {after}"
        if theirs > mine:
            return (
                f"Of what differs in the missing half, the {other.name} explain **{theirs:z.0f} %**; {it}. "
                "But it can dream."
            )
        return f"Of what differs in the missing half, {it}; the {other.name} {theirs:z.0f} %."
    mine, plain = 100 * figures["test_accuracy_pretrained"], 100 * figures["test_accuracy_plain"]
    theirs = 100 * other.metrics["test_accuracy"]
    told = {"pretrained": mine, "not pretrained": plain, str(other.name): theirs}
    order = sorted(told, key=lambda name: -told[name])
    read = ", ".join(f"{name} **{told[name]:z.1f}**" for name in order)
    return f"With {seen.settings.labels} labels, read right {after}, of 100 it has not seen: {read}."


def _looked(seen: Any, figures: dict[str, float]) -> str:
    left = ", ".join(
        f"**{max(0.0, 100 * share):z.0f} %** through {depth}"
        for depth, share in enumerate(figures.values(), start=1)
    )
    return (
        f"Nobody has named anything yet. After {wording.count(seen.step, 'step')} of looking, what is left "
        f"of a picture after its way up through the layers and down again: {left}."
    )


def _before(seen: Any) -> int:
    """Steps of the pretraining."""
    return seen.settings.pretraining * len(seen.settings.hidden)


def _curve(target: str, rows: list[dict[str, Any]], other: Any, age: int | None) -> None:
    rbm = target == "energy/rbm"
    metric = "test_completion" if rbm else "test_accuracy"
    light = palette.blend(palette.MODEL, "white", 0.4)
    lines = (
        [("machine", metric, palette.MODEL)]
        if rbm
        else [
            ("pretrained", f"{metric}_pretrained", palette.MODEL),
            ("not pretrained", f"{metric}_plain", light),
        ]
    )
    curves = []
    for name, key, color in lines:
        points = on_the_way(rows, key)
        curves.append(
            Curve(
                name=name,
                x=[row["step"] for row in points],
                y=[100 * row[key] for row in points],
                floor=-100.0,
                color=color,
                format=".1f",
            )
        )
    levels = []
    if other is not None:
        value = 100 * other.metrics[metric]
        levels.append(Level(name=f"{other.name} {value:z.1f}", y=value))
    show_curves(
        curves,
        levels,
        x_title="steps of training",
        y_title="missing half explained, %" if rbm else "right of 100, held out",
        alt="; ".join(f"{curve.name} {curve.y[-1]:z.1f}" for curve in curves if curve.y) or "no figures yet",
        mark=age,
        key="energy:curve",
        height=220,
    )
    tell_part(rows, lines[0][1])


def _tabs(run: Run | None, seen: Any, other: Any) -> None:
    if seen is None:
        layout.tabs(PAGE, dict.fromkeys(layout.TABS, lambda: _waiting(run)))
        return
    from apps.energy import attempt, code, compare, inside, limits

    layout.tabs(
        PAGE,
        {
            "Try": lambda: attempt.show(seen),
            "Inside": lambda: inside.show(seen),
            "Compare": lambda: compare.show(seen, other),
            "Code": lambda: code.show(seen),
            "Limits": lambda: limits.show(seen),
        },
    )


def _waiting(run: Run | None) -> None:
    waiting(
        run,
        "The pad appears with the machine's first look.",
        "There is no machine to ask yet. *Train* makes one in seconds.",
        height=240,
    )


def main() -> None:
    """Draw the page."""
    live(body, needs=NEEDS, begin=_shown)

"""Three networks read the same sequences; see which remembers, how, and what the others forget."""

from typing import Any

import streamlit as st

from apps.sequences.hues import hue
from apps.studio import wording
from apps.studio.charts.curves import Curve, Level, on_the_way, show_curves, tell_part
from apps.studio.page import control_values, layout, training_buttons
from apps.studio.page.polling import live
from apps.studio.page.run_page import draw, waiting
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.runs import Run

PAGE = "sequences"
MENU = "sequences:task"
NEEDS = ("torch", "apps.sequences.reading", "apps.sequences.attempt")
QUESTION = "Which network can remember?"
TARGETS = {
    "sequences/adding": "add two of many",
    "sequences/copying": "copy letters",
    "sequences/echo": "echo bits",
    "sequences/forecast": "what comes next",
}
"""Tasks and what the menu calls them."""
LENGTHS = {"sequences/adding": 40, "sequences/copying": 20, "sequences/echo": 30, "sequences/forecast": 30}
LEAST = {"sequences/adding": 4, "sequences/copying": 12, "sequences/echo": 14, "sequences/forecast": 4}
TABS = ("Try", "Inside", "Compare", "Code", "Limits")
BLOCKS = {"all": "all three", "rnn": "RNN", "lstm": "LSTM", "attention": "attention"}
SIZES = [16, 32, 64]
RATES = ("as tuned", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1")
ASKED = {
    "sequences/adding": "To add two marked numbers of {length}, they must be remembered to the end.",
    "sequences/copying": "Five letters, a wait, then the same letters again: {length} steps in all.",
    "sequences/echo": "Each of {length} bits is to be said again ten steps later.",
    "sequences/forecast": "From {length} values of a series, the next one.",
}
RIGHT = {
    "sequences/adding": "sums, to within 0.04",
    "sequences/copying": "letters",
    "sequences/echo": "bits",
    "sequences/forecast": "values, to within a tenth of the series' spread",
}


def _shown() -> Run | None:
    """The run that the page looks at; for whoever comes first, one that begins to learn."""
    return training_buttons.run_of_menu(PAGE, MENU, list(TARGETS), _first, _says)


def _says(run: Run) -> dict[str, Any]:
    """What the controls say of a run."""
    target = run.config["target"]
    length = control_values.option(run, "--length", LENGTHS[target])
    return {
        "sequences:block": control_values.option(run, "--block", "all", BLOCKS),
        f"sequences:length:{target}": min(200, max(LEAST[target], length)),
        "sequences:size": control_values.option(run, "--hidden", SIZES[1], SIZES),
        "sequences:seed": int(run.config.get("seed") or 0),
        "sequences:steps": min(100_000, max(100, control_values.option(run, "--steps", 1500))),
        "sequences:rate": control_values.option(run, "--learning-rate", RATES[0], RATES),
        "sequences:file": str(run.config.get("data") or ""),
        "sequences:column": control_values.option(run, "--column", ""),
    }


def body() -> None:
    """The whole page."""
    run = _shown()
    target = str(st.session_state[MENU])
    draw(
        PAGE,
        run,
        question=QUESTION,
        needs=NEEDS,
        reading="apps.sequences.reading",
        controls=_controls,
        curve=lambda look: _curve(target, look.rows, look.baseline, look.age),
        answer=lambda look: _answer(look.run, target, look.seen, look.baseline, look.state),
        tabs=lambda look: _tabs(look.run, look.seen, look.baseline),
    )


def _first(target: str) -> list[str]:
    return [target, "--block", "all", "--length", str(LENGTHS[target])]


def _controls(run: Run | None, state: str | None) -> str:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content")
        target = st.selectbox(
            "Task",
            list(TARGETS),
            # Besides what the session holds, which a browser that is still loading the page may miss.
            index=list(TARGETS).index(st.session_state[MENU]),
            key=MENU,
            format_func=TARGETS.__getitem__,
            width=180,
            help="What is asked at the end of a sequence. *What comes next* takes your own series, too.",
        )
        block = st.selectbox(
            "Network",
            list(BLOCKS),
            key="sequences:block",
            format_func=BLOCKS.__getitem__,
            width=130,
            help="What reads the sequence. All three learn side by side from the same sequences.",
        )
        length = st.number_input(
            "Length",
            LEAST[target],
            200,
            key=control_values.first(f"sequences:length:{target}", LENGTHS[target]),
            width=110,
            help=f"Time steps of a sequence, {LEAST[target]} to 200. Longer is harder, and slower.",
        )
        size = st.selectbox(
            "Size",
            SIZES,
            key=control_values.first("sequences:size", SIZES[1]),
            width=90,
            help="Numbers in the state, or in attention's features.",
        )
        extra = _more(target)

    def argv() -> list[str]:
        words = [target, "--block", str(block), "--length", str(length), "--hidden", str(size), *extra]
        if target == "sequences/forecast":
            words += _own_data()
        return words

    with buttons:
        training_buttons.buttons(
            PAGE, run, state, argv, help="Train new networks from scratch, in a process of its own."
        )
    return target


def _more(target: str) -> list[str]:
    with st.popover(
        "Your series" if target == "sequences/forecast" else "More", icon=":material/more_horiz:"
    ):
        if target == "sequences/forecast":
            st.text_input(
                "File",
                key="sequences:file",
                placeholder="/path/to/series.csv",
                help="On this machine: a CSV or text file with a column of numbers. "
                "If empty, a chaotic series, synthetic.",
            )
            st.text_input(
                "Column",
                key="sequences:column",
                help="Its name or number; by default the last column of numbers.",
            )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            key=control_values.first("sequences:seed", 0),
            help="Of first weights and sequences.",
        )
        steps = st.number_input(
            "Steps",
            100,
            100_000,
            step=500,
            key=control_values.first("sequences:steps", 1500),
            help="Batches of 64 sequences.",
        )
        rate = st.select_slider(
            "Learning rate",
            RATES,
            key="sequences:rate",
            help="Largest step size of Adam, for all networks; as tuned takes what suits each best.",
        )
    words = ["--seed", str(seed), "--steps", str(steps)]
    return words if rate == RATES[0] else [*words, "--learning-rate", str(rate)]


def _own_data() -> list[str]:
    file = str(st.session_state.get("sequences:file") or "").strip()
    column = str(st.session_state.get("sequences:column") or "").strip()
    if not file:
        return []
    path = typed_path(file).absolute()
    if not path.is_file():
        raise UserError(f"There is no file {file!r} on this machine to learn from.")
    return ["--data", str(path), *(["--column", column] if column else [])]


def _answer(run: Run | None, target: str, seen: Any, constant: Any, state: str | None) -> str:
    if seen is None:
        now = "Press *Train* and watch."
        if run is not None and state in wording.ALIVE:
            now = wording.awaited(run, state)
        length = LENGTHS[target] if run is None else control_values.option(run, "--length", LENGTHS[target])
        return f"{ASKED[target].format(length=length)} {now}"
    from apps.sequences import reading
    from apps.sequences.networks import TITLES

    figures = reading.figures(seen)
    found = {name: 100 * figures[f"test_accuracy_{name}"] for name in seen.blocks}
    order = sorted(found, key=lambda name: -found[name])
    told = ", ".join(f"{TITLES[name]} **{found[name]:z.0f}**" for name in order)
    after = f"after {wording.count(seen.step, 'step')}"
    asked = ASKED[target].format(length=seen.settings.length)
    synthetic = "" if seen.run.config.get("data") else " (*synthetic*)"
    what = f"of 100 {RIGHT[target]}{synthetic}"
    if constant is None:
        return f"{asked} Right {after}, {what}: {told}."
    other = 100 * constant.metrics["test_accuracy"]
    if other >= found[order[0]]:
        return f"{asked} Who says *{constant.name}* is right in **{other:z.0f}** {what}; {after}: {told}."
    return f"{asked} Right {after}, {what}: {told}; who says *{constant.name}* {other:z.0f}."


def _curve(target: str, rows: list[dict[str, Any]], constant: Any, age: int | None) -> None:
    curves = []
    for block, title in list(BLOCKS.items())[1:]:
        points = on_the_way(rows, f"test_loss_{block}")
        curves.append(
            Curve(
                name=title,
                x=[row["step"] for row in points],
                y=[row[f"test_loss_{block}"] for row in points],
                floor=1e-6,
                color=hue(block),
                format=".2g",
            )
        )
    levels = []
    if constant is not None:
        value = constant.metrics["test_loss"]
        levels.append(Level(name=f"{constant.name} {value:.2g}", y=value))
    error = "squared error" if target in ("sequences/adding", "sequences/forecast") else "cross-entropy, nats"
    last = "; ".join(f"{curve.name} {curve.y[-1]:.2g}" for curve in curves if curve.y)
    show_curves(
        curves,
        levels,
        x_title="steps of training",
        y_title=f"{error}, held out",
        alt=f"Error on held-out sequences: {last}",
        log=True,
        mark=age,
        key="sequences:curve",
        height=230,
    )
    tell_part(rows, next((name for name in rows[-1] if name.startswith("test_loss_")), "") if rows else "")


def _tabs(run: Run | None, seen: Any, constant: Any) -> None:
    if seen is None:
        # All tabs, so that a link to one of them keeps it while torch is imported.
        layout.tabs(PAGE, dict.fromkeys(TABS, lambda: _waiting(run)))
        return
    from apps.sequences import attempt, code, compare, inside, limits

    layout.tabs(
        PAGE,
        {
            "Try": lambda: attempt.show(seen),
            "Inside": lambda: inside.show(seen),
            "Compare": lambda: compare.show(seen, constant),
            "Code": lambda: code.show(seen),
            "Limits": lambda: limits.show(seen, constant),
        },
    )


def _waiting(run: Run | None) -> None:
    waiting(
        run,
        "A sequence to try appears with the first answers.",
        "There are no networks to ask yet. *Train* makes some in seconds.",
        height=200,
    )


def main() -> None:
    """Draw the page."""
    live(body, needs=NEEDS, begin=_shown)

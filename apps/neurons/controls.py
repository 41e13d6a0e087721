"""What is learned from, by which network, and how: the row of controls and what they say."""

import hashlib
from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.neurons import table
from apps.neurons.points import SETS, Points, generate, painted
from apps.studio.page import movable_menu
from sandbox.errors import UserError

PAGE = "neurons"
PAINTED, TABLE = "painted", "csv"
POINTS = f"{PAGE}:points"
"""What a person painted: x, y and number of class of each point."""
DATA = f"{PAGE}:data"
"""The chosen data: a key of `DATA_NAMES`."""
DATA_NAMES = {key: each.title for key, each in SETS.items()} | {
    PAINTED: "what I paint",
    TABLE: "my own CSV file",
}
PRESETS = {"small": "4", "two layers": "8 6", "deep": "8 8 8 8", "wide": "16 16"}
RATES = ("0.001", "0.003", "0.01", "0.02", "0.05", "0.1", "0.3", "1.0", "3.0")
OPTIMIZERS = ("adam", "sgd", "momentum", "nesterov", "rmsprop", "adamw")
ACTIVATIONS = ("tanh", "relu", "sigmoid")
"""Those that `trace` writes on a tape."""
SPEEDS = {"slow": 10, "normal": 100, "fast": 500}
"""Minibatches in a second, if the machine can."""
STEPS = (500, 1_500, 5_000, 20_000)


@dataclass(frozen=True)
class Choice:
    """What the controls say.

    Attributes:
        data: a key of `SETS`, PAINTED or TABLE.
        points: what it stands for.
        settings: fields of `plane.Settings`.
        seed: of weights and minibatches.
        speed: minibatches in a second.
    """

    data: str
    points: Points
    settings: dict[str, Any]
    seed: int
    speed: int

    @property
    def kind(self) -> tuple[Any, ...]:
        """What makes another network: all but the speed and what is painted."""
        of_points = () if self.data == PAINTED else fingerprint(self.points)
        return (self.data, of_points, tuple(self.settings.items()), self.seed)


def fingerprint(points: Points) -> str:
    """The same for the same points, classes and split."""
    content = points.x.tobytes() + points.y.tobytes() + repr((points.classes, points.split_seed)).encode()
    return hashlib.sha256(content).hexdigest()


def row(buttons: Any) -> Choice:
    """Draw the row.

    Args:
        buttons: draws the buttons at its beginning.

    Raises:
        UserError: the data cannot be used; says why.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons()
        data = movable_menu.menu(
            "Data",
            DATA_NAMES,
            key=DATA,
            width=210,
            help="What to learn from. Sets are synthetic; painting on the plane makes them your own.",
        )
        upload = None
        if data == TABLE:
            upload = st.file_uploader(
                "CSV file",
                type=["csv", "tsv", "txt"],
                key=f"{PAGE}:file",
                width=300,
                help=f"Two columns of numbers, then a label: a word, or a number to predict. "
                f"At most {table.MOST_ROWS:,} rows.",
            )
        network, settings = _network()
        seed, speed, how, made = _more(data)
    settings |= how
    points = _points(data, upload, made)
    if data in SETS:
        settings |= made
    return Choice(data, points, {"network": network, **settings}, seed, speed)


def _network() -> tuple[str, dict[str, Any]]:
    names = {"mlp": "perceptron", "rbfn": "radial basis"}
    st.session_state.setdefault(f"{PAGE}:network", "mlp")
    network = st.selectbox(
        "Network",
        list(names),
        format_func=lambda key: names[key],
        key=f"{PAGE}:network",
        bind="query-params",
        persist_state="session",
        width=140,
        help="A multilayer perceptron bends straight cuts together; a radial basis function network adds up "
        "bumps, each around a centre.",
    )
    if network == "rbfn":
        st.session_state.setdefault(f"{PAGE}:centres", 12)
        centres = st.slider(
            "Bumps",
            2,
            64,
            key=f"{PAGE}:centres",
            bind="query-params",
            persist_state="session",
            width=150,
            help="Hidden units, 2 to 64; k-means puts their centres where the points are.",
        )
        return network, {"centres": int(centres)}
    st.session_state.setdefault(f"{PAGE}:hidden", "8 6")
    hidden = st.selectbox(
        "Hidden layers",
        list(dict.fromkeys([*PRESETS.values(), st.session_state[f"{PAGE}:hidden"]])),
        key=f"{PAGE}:hidden",
        bind="query-params",
        persist_state="session",
        accept_new_options=True,
        width=150,
        help="Neurons of each hidden layer, from the input on: `8 6` are two layers. Type your own, such as "
        "`12 8 4`; a layer has 1 to 64 neurons, and there are at most six.",
    )
    return network, {"hidden": parse_layers(str(hidden or ""))}


def parse_layers(text: str) -> tuple[int, ...]:
    """Sizes of layers from numbers with anything between.

    Raises:
        UserError: no numbers, or too many or too large ones.
    """
    words = text.replace(",", " ").replace("-", " ").split()
    if not words or len(words) > 6 or not all(word.isdecimal() and 1 <= int(word) <= 64 for word in words):
        raise UserError(
            f"Hidden layers are one to six numbers from 1 to 64, such as `8 6`, and not {text[:40]!r}."
        )
    return tuple(int(word) for word in words)


def _more(data: str) -> tuple[int, int, dict[str, Any], dict[str, Any]]:
    """Seed, speed, settings of the training, settings of made points."""
    with st.popover("More", icon=":material/more_horiz:"):
        left, right = st.columns(2)
        with left:
            optimizer = _menu("Optimiser", "optimizer", OPTIMIZERS, "adam", "How a gradient becomes a step.")
            rate = st.select_slider(
                "Learning rate",
                RATES,
                **_kept("rate", "0.02"),
                help="Step size, 0.001 to 3. Too small learns slowly, too large jumps over the valley.",
            )
            batch = st.select_slider(
                "Batch",
                (1, 4, 16, 32, 128, 512),
                **_kept("batch", 32),
                help="Points that share one step, 1 to 512.",
            )
            steps = st.select_slider(
                "Steps", STEPS, **_kept("steps", 1_500), help="Minibatches to learn from, then it stops."
            )
            seed = st.number_input(
                "Seed", 0, 2**31 - 1, **_kept("seed", 0), help="Decides first weights and minibatches."
            )
        with right:
            activation = _menu(
                "Activation", "activation", ACTIVATIONS, "tanh", "The bend after each neuron of a perceptron."
            )
            speed = _menu("Speed", "speed", tuple(SPEEDS), "normal", "10, 100 or 500 steps a second.")
            kind = SETS.get(data)
            off = kind is None
            count = st.slider(
                "Points", 20, 2_000, step=10, disabled=off, **_kept("count", 300), help="A third is held out."
            )
            noise = st.slider(
                "Noise",
                0.0,
                0.6,
                step=0.01,
                disabled=off,
                **_kept("noise", 0.1),
                help="How far points are moved, standard deviation; the plane reaches from -1 to 1.",
            )
            turns = st.slider(
                "Turns",
                0.5,
                3.0,
                step=0.25,
                disabled=off or not kind.turns,
                **_kept("turns", 1.0),
                help="Of a spiral around the middle, or waves across the plane.",
            )
    how = {
        "activation": activation,
        "optimizer": optimizer,
        "learning_rate": float(rate),
        "batch_size": int(batch),
        "steps": int(steps),
    }
    made = {"points": int(count), "noise": round(float(noise), 2), "turns": float(turns)}
    return int(seed), SPEEDS[speed], how, made


def _kept(name: str, value: Any) -> dict[str, Any]:
    """Arguments of a widget that is kept in the address and over a switch of pages."""
    st.session_state.setdefault(f"{PAGE}:{name}", value)
    return {"key": f"{PAGE}:{name}", "bind": "query-params", "persist_state": "session"}


def _menu(label: str, name: str, options: tuple[str, ...], value: str, help: str) -> str:
    return str(st.selectbox(label, options, **_kept(name, value), help=help))


def _points(data: str, upload: Any, made: dict[str, Any]) -> Points:
    if data == TABLE:
        if upload is not None:
            st.session_state[f"{PAGE}:table"] = (upload.name, upload.getvalue())
        kept = st.session_state.get(f"{PAGE}:table")
        if kept is None:
            raise UserError("Choose a CSV file: two columns of numbers, then a label.")
        return table.parse(kept[1], kept[0][:60])
    if data == PAINTED:
        return painted(st.session_state.get(POINTS, []))
    return generate(data, count=made["points"], noise=made["noise"], turns=made["turns"])

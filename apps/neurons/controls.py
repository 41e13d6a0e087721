"""The row of controls: which data, which network, how it is trained; and what they say."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.studio import background_imports
from apps.studio.page import movable_menu, own_data
from apps.studio.page.kept import kept
from sandbox.data import labelled_points
from sandbox.data.plane_points import SETS, Points, generate, painted
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
BATCHES = (1, 4, 16, 32, 128, 512)


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
        of_points = () if self.data == PAINTED else self.points.fingerprint
        return (self.data, of_points, tuple(self.settings.items()), self.seed)


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
            help="The points to learn. The sets are synthetic; paint on the plane to make them your own.",
        )
        if data == TABLE and background_imports.ready("apps.neurons.plane"):
            from apps.neurons.plane import OWN, TASK

            with st.popover("My data", icon=":material/upload:"):
                own_data.show(PAGE, TASK, OWN)
        network, settings = _network()
        seed, speed, how, made = _more(data)
    settings |= how
    points = _points(data, made)
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
        help="A multilayer perceptron combines straight cuts; a radial basis function network adds up bumps, "
        "each around a centre.",
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
            help="Hidden units, 2 to 64; k-means places their centres among the points.",
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
        help="Neurons in each hidden layer, from the input on: `8 6` is two layers. Type your own, such as "
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
            f"Hidden layers are one to six numbers from 1 to 64, such as `8 6`, not {text[:40]!r}."
        )
    return tuple(int(word) for word in words)


def _more(data: str) -> tuple[int, int, dict[str, Any], dict[str, Any]]:
    """Seed, speed, settings of the training, settings of made points."""
    kind = SETS.get(data)
    with st.popover("More", icon=":material/more_horiz:"):
        left, right = st.columns(2)
        with left:
            optimizer = _menu(
                "Optimiser", "optimizer", OPTIMIZERS, "adam", "How the gradient becomes a step."
            )
            rate = _stops(
                *("Learning rate", "rate", RATES, "0.02"),
                "Step size, 0.001 to 3. If it is too small, training is slow; if it is too large, steps jump "
                "over the minimum.",
            )
            batch = _stops(
                "Batch", "batch", BATCHES, 32, "Points in a minibatch, 1 to 512: they share one step."
            )
            steps = _stops("Steps", "steps", STEPS, 1_500, "Minibatches until the training ends.")
            about = "Decides the first weights and the order of the points."
            seed = st.number_input("Seed", 0, 2**31 - 1, **_kept("seed", 0), help=about)
        with right:
            bend = "The nonlinearity after each neuron of a perceptron."
            activation = _menu("Activation", "activation", ACTIVATIONS, "tanh", bend)
            rates = "10, 100 or 500 steps a second, if the machine can."
            speed = _menu("Speed", "speed", tuple(SPEEDS), "normal", rates)
            count = _slider(
                *("Points", "count", 20, 2_000, 10, 300),
                "20 to 2,000; a third of them is unseen, for the test.",
                disabled=kind is None,
            )
            noise = _slider(
                *("Noise", "noise", 0.0, 0.6, 0.01, 0.1),
                "How far the points are moved at random (standard deviation); the plane goes from -1 to 1.",
                disabled=kind is None,
            )
            turns = _slider(
                *("Turns", "turns", 0.5, 3.0, 0.25, 1.0),
                "Turns of a spiral around the middle, or waves across the plane.",
                disabled=kind is None or not kind.turns,
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


def _stops(label: str, name: str, options: tuple[Any, ...], value: Any, help: str) -> Any:
    return st.select_slider(label, options, **_kept(name, value), help=help)


def _slider(
    label: str, name: str, low: Any, high: Any, step: Any, value: Any, help: str, *, disabled: bool
) -> Any:
    return st.slider(label, low, high, step=step, disabled=disabled, **_kept(name, value), help=help)


def _points(data: str, made: dict[str, Any]) -> Points:
    if data == TABLE:
        try:
            path = own_data.path_of(PAGE)
        except own_data.NothingYetError:
            raise UserError("Choose a CSV file: two columns of numbers, then a label.") from None
        st.session_state[f"{PAGE}:before"] = str(path)  # found again after another page was open
        return kept(("points", str(path), path.stat().st_mtime_ns), lambda: labelled_points.load(path))
    if data == PAINTED:
        return painted(st.session_state.get(POINTS, []))
    return generate(data, count=made["points"], noise=made["noise"], turns=made["turns"])

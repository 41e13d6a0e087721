"""Which method, learned from what, and the row of controls."""

from typing import Any

import streamlit as st

from apps.studio.page import control_values, training_buttons
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.runs import Run

PAGE = "latent"
TARGETS = {
    "latent/vae": "variational autoencoder",
    "latent/autoencoder": "autoencoder",
    "latent/duel": "GAN, points",
    "latent/gan": "GAN, pictures",
    "latent/som": "self-organising map",
}
"""Tasks and what the menu calls them."""
QUESTIONS = {
    "latent/vae": "Which pictures lie between two digits?",
    "latent/autoencoder": "What is left of a digit in two numbers?",
    "latent/duel": "Can a forger learn from a critic?",
    "latent/gan": "Can a forger learn to write digits?",
    "latent/som": "How does a sheet find the order of things?",
}
ASKED = {
    "latent/vae": "Every picture becomes a point; every point becomes a picture. Drag the ring.",
    "latent/autoencoder": "Every picture is squeezed into a few numbers and rebuilt. Drag the ring.",
    "latent/duel": "The generator turns noise into points; the discriminator tells them from real ones.",
    "latent/gan": "The generator turns noise into pictures; all it is told is what the critic thinks.",
    "latent/som": "Each unit stands for a colour or picture and drags its neighbours along.",
}
OWN = "my own"
DATA = {
    "latent/vae": ("digits", OWN),
    "latent/autoencoder": ("digits", OWN),
    "latent/duel": ("ring", "grid", "two", "line", OWN),
    "latent/gan": ("digits", OWN),
    "latent/som": ("colours", "digits", OWN),
}
NAMES = {
    "digits": "handwritten digits",
    "ring": "ring of eight",
    "grid": "grid of nine",
    "two": "two heaps",
    "line": "a curved line",
    "colours": "random colours",
    OWN: "my own …",
}
MENU = "latent:method"
CODES = [1, 2, 3, 4, 6, 8, 12, 16]
BETAS = [0.1, 0.3, 1.0, 3.0, 10.0]
RULES = {"sheet": "batch", "online": "one by one"}
RATES = ("as tuned", "0.0003", "0.001", "0.003", "0.01", "0.03")
PRESETS = {
    "smooth": "with a penalty (R1)",
    "wasserstein": "Wasserstein (WGAN-GP)",
    "unbridled": "no penalty",
}


def shown() -> Run | None:
    """The run of the chosen task."""
    return training_buttons.run_of_menu(PAGE, MENU, list(TARGETS), lambda method: [method], _says)


def target() -> str:
    """The task that is chosen, once `shown` was asked."""
    return str(st.session_state[MENU])


def row(run: Run | None, state: str | None) -> None:
    """Draw the controls."""
    method = target()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content")
        st.selectbox(
            "Method",
            list(TARGETS),
            index=list(TARGETS).index(method),  # as well, for a browser that is still loading the page
            key=MENU,
            format_func=TARGETS.__getitem__,
            width=220,
            help="Two that code and rebuild, a generator against a discriminator, and a map.",
        )
        data = st.selectbox(
            "Data",
            DATA[method],
            key=f"latent:data:{method}",
            format_func=NAMES.__getitem__,
            width=180,
            help="What is learned from; a third of it is held out. Points and random colours are synthetic.",
        )
        if data == OWN:
            st.text_input(
                "Path",
                key=f"latent:path:{method}",
                placeholder=_own(method)[0],
                help=_own(method)[1],
                width=240,
            )
        extra = _chosen(method)

    def argv() -> list[str]:
        words = [method, *extra]
        if data != DATA[method][0]:
            words += ["--data", _path(method) if data == OWN else str(data)]
        return words

    with buttons:
        training_buttons.buttons(
            PAGE, run, state, argv, help="Train anew from scratch, in a process of its own."
        )


def _says(run: Run) -> dict[str, Any]:
    """What the controls say of a run."""
    method, data = run.config["target"], run.config.get("data")
    known = DATA[method]
    said: dict[str, Any] = {
        f"latent:data:{method}": known[0] if data is None else data if data in known else OWN,
        f"latent:code:{method}": control_values.option(run, "--code", 2, CODES),
        f"latent:game:{method}": control_values.option(run, "--preset", "smooth", PRESETS),
        "latent:rule": control_values.option(run, "--preset", "sheet", RULES),
        "latent:seed": int(run.config.get("seed") or 0),
        "latent:noise": min(1.0, control_values.option(run, "--noise", 0.0)),
        "latent:beta": control_values.option(run, "--beta", 1.0, BETAS),
        "latent:examples": min(20_000, control_values.option(run, "--examples", 0)),
        "latent:columns": min(50, max(2, control_values.option(run, "--columns", 16))),
        "latent:rows": min(50, max(2, control_values.option(run, "--rows", 12))),
        "latent:rate": control_values.option(run, "--learning-rate", RATES[0], RATES),
    }
    if data is not None and data not in known:
        said[f"latent:path:{method}"] = str(data)
    return said


def _own(method: str) -> tuple[str, str]:
    """What stands in the empty field for one's own data, and its help."""
    match method:
        case "latent/duel":
            return (
                "/path/to/points.csv",
                "On this machine: a CSV file; the first two numbers of each row are a point.",
            )
        case "latent/som":
            return (
                "/path/to/photo.jpg",
                "On this machine: a picture, whose colours are taken, or a folder of pictures.",
            )
        case _:
            return (
                "/path/to/pictures",
                "On this machine: a folder with a folder of pictures for each class, or MNIST's four files.",
            )


def _path(method: str) -> str:
    text = str(st.session_state.get(f"latent:path:{method}") or "").strip()
    path = typed_path(text).absolute()
    if not text or not path.exists():
        raise UserError(f"There is no file or folder {text!r} on this machine to learn from.")
    return str(path)


def _chosen(method: str) -> list[str]:
    """The controls of a method; what they add to the command."""
    words: list[str] = []
    if method in ("latent/vae", "latent/autoencoder"):
        code = st.select_slider(
            "Code",
            CODES,
            key=control_values.first(f"latent:code:{method}", 2),
            width=130,
            help="Numbers in the code, 1 to 16. Two make a plane; more rebuild better.",
        )
        words += [] if code == 2 else ["--code", str(code)]
    if method in ("latent/duel", "latent/gan"):
        preset = st.selectbox(
            "Game",
            list(PRESETS),
            key=f"latent:game:{method}",
            format_func=PRESETS.__getitem__,
            width=200,
            help="A penalty keeps the discriminator smooth; without one the generator may lose modes.",
        )
        words += [] if preset == "smooth" else ["--preset", str(preset)]
    if method == "latent/som":
        rule = st.selectbox(
            "Rule",
            list(RULES),
            key="latent:rule",
            format_func=RULES.__getitem__,
            width=130,
            help="Batch: every unit moves to the mean of its neighbourhood. One by one: Kohonen's own rule.",
        )
        words += [] if rule == "sheet" else ["--preset", str(rule)]
    return words + _more(method)


def _more(method: str) -> list[str]:
    words: list[str] = []
    with st.popover("More", icon=":material/more_horiz:"):
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            key=control_values.first("latent:seed", 0),
            help="Decides first weights and minibatches.",
        )
        words += [] if not seed else ["--seed", str(seed)]
        if method == "latent/autoencoder":
            noise = st.slider(
                "Noise while training",
                0.0,
                1.0,
                step=0.05,
                key=control_values.first("latent:noise", 0.0),
                help="Standard deviation of what is added to pictures, 0 to 1, to be taken away again.",
            )
            words += [] if not noise else ["--noise", str(noise)]
        if method == "latent/vae":
            beta = st.select_slider(
                "Beta",
                BETAS,
                key=control_values.first("latent:beta", 1.0),
                help="Weight of the wish that codes look like plain noise; more gives plainer codes.",
            )
            words += [] if beta == 1.0 else ["--beta", str(beta)]
        if method in ("latent/vae", "latent/autoencoder", "latent/gan"):
            count = st.number_input(
                "Examples",
                0,
                20_000,
                step=50,
                key=control_values.first("latent:examples", 0),
                help="Pictures to learn from; 0 is all there are.",
            )
            words += [] if not count else ["--examples", str(count)]
        if method == "latent/som":
            columns = st.number_input(
                "Columns",
                2,
                50,
                key=control_values.first("latent:columns", 16),
                help="Units across, 2 to 50.",
            )
            rows = st.number_input(
                "Rows", 2, 50, key=control_values.first("latent:rows", 12), help="Units down, 2 to 50."
            )
            words += [] if (rows, columns) == (12, 16) else ["--rows", str(rows), "--columns", str(columns)]
            return words
        rate = st.select_slider("Learning rate", RATES, key="latent:rate", help="Largest step size of Adam.")
        words += [] if rate == RATES[0] else ["--learning-rate", str(rate)]
    return words

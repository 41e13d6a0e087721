"""Try: half a digit is missing, and the machine dreams it; or a digit is read by two nets."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from torch import Tensor

from apps.energy import completion, reading
from apps.studio import background_work
from apps.studio.browser.animation import film
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.browser.sketch_pad import sketch_pad
from apps.studio.charts.bars import show_bars
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page.columns import panes
from apps.studio.plain_text import escape
from envs.engine import palette

if TYPE_CHECKING:
    from apps.energy.reading import Look

LABEL = "Draw a digit, 0 to 9"
HALVES = ("lower", "upper", "left", "right")
SHOWN = 10
CHAINS = 4


def show(look: "Look") -> None:
    """Draw the tab."""
    if look.run.config["target"] == "energy/dbn":
        _read(look)
    else:
        _complete(look)


def current(look: "Look") -> tuple[Tensor, bool]:
    """The picture that was last tried, (1, V), and whether a person drew it."""
    kept = st.session_state.get("energy:input")
    if kept is not None and kept[0].shape[1] == look.pictures.test.shape[1]:
        return kept
    return look.pictures.test[_picked(look)][None], False


def _picked(look: "Look") -> int:
    return min(int(st.session_state.get("energy:picked", 0)), len(look.pictures.test) - 1)


def _input(look: "Look") -> tuple[Tensor, bool] | None:
    """The pad with what is on it; None while it is empty."""
    picked = look.pictures.test[_picked(look)]
    picture = reading.grid(look, picked)
    if look.pictures.style is None:
        gallery([Picture(picture, "")], key="energy:photo", size=220)
        found = picked[None], False
    else:
        token = int(st.session_state.get("energy:token", -1))
        sketch = sketch_pad(key="energy:pad", label=LABEL, picture=picture, token=token)
        if sketch.pixels is None:
            found = None
        elif sketch.drawn:
            found = reading.seen(look, sketch.pixels), True
        else:
            found = picked[None], False
    st.session_state["energy:input"] = found
    return found


def _pick(look: "Look") -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("**Never learned from**", width="content")
        st.button("Others", icon=":material/shuffle:", type="tertiary", key="energy:others", on_click=_others)
    start = int(st.session_state.get("energy:from", 0))
    order = np.random.default_rng(1).permutation(len(look.pictures.test))
    sample = order[(start + np.arange(SHOWN)) % len(order)]
    chosen = gallery(
        [
            Picture(reading.grid(look, look.pictures.test[int(i)]), alt=f"Picture {i}; click to take it")
            for i in sample
        ],
        key="energy:samples",
        size=42,
        pickable=True,
    )
    if chosen is not None:
        st.session_state["energy:picked"] = int(sample[chosen])
        st.session_state["energy:token"] = int(st.session_state.get("energy:token", -1)) + 1
        st.rerun(scope="fragment")


def _others() -> None:
    st.session_state["energy:from"] = int(st.session_state.get("energy:from", 0)) + SHOWN


def _complete(look: "Look") -> None:
    left, middle, right = panes([10, 10, 14], key="energy-try")
    with left:
        found = _input(look)
        _pick(look)
    with middle:
        st.markdown("**The half that is missing**")
        missing: Any = st.segmented_control(
            "Missing",
            HALVES,
            default="lower",
            key="energy:missing",
            label_visibility="collapsed",
            help="The half that the machine is not shown.",
        )
        keep = reading.kept(look, missing or "lower")
        if found is None:
            st.caption("Draw a digit on the left, or pick one below it.")
        else:
            frames = completion.film(look.rbm, found[0], keep, steps=40)
            film(
                frames.numpy().reshape(40, 1, *look.pictures.shape),
                key="energy:chain",
                label="The chain: what is given stays, the rest is drawn again and again",
                fixed=reading.grid(look, keep),
                unit="draw",
            )
            st.caption("Blue is given and stays; the machine draws the rest again and again.")
    with right:
        if found is None:
            _dream(look)
        else:
            _results(look, found[0], keep)


def _results(look: "Look", picture: Tensor, keep: Tensor) -> None:
    examples = look.pictures.train
    guesses = {
        "the machine": completion.by_machine(look.rbm, picture.repeat(CHAINS, 1), keep).mean(0)[None],
        "5 neighbours": completion.by_neighbours(examples, picture, keep),
        "components": completion.by_components(examples, picture, keep),
    }
    shown = [Picture(reading.grid(look, guess[0]), name) for name, guess in guesses.items()]
    st.markdown("**Who would complete it how**", help="Each sees only what is given, blue on the left.")
    gallery([*shown, Picture(reading.grid(look, picture[0]), "as it is")], key="energy:guesses", size=86)
    errors = {
        name: float((guess - picture)[:, ~keep].square().mean().sqrt()) for name, guess in guesses.items()
    }
    best = min(errors, key=lambda name: errors[name])
    told = ", ".join(f"{name} {error:z.2f}" for name, error in errors.items())
    st.caption(f"Off by, on average over the missing pixels: {told}. Nearest to the truth: **{best}**.")
    energies = background_work.ask(("energy of all", *look.key), lambda: _energies(look))
    if energies is not None:
        mine = float(look.rbm(picture)[0].detach())
        mean, low, high = energies["held out"]
        noise, noise_low, noise_high = energies["noise"]
        show_scores(
            [
                Score(name="this picture", mean=mine, color=palette.MODEL),
                Score(name="held-out pictures", mean=mean, low=low, high=high),
                Score(name="noise", mean=noise, low=noise_low, high=noise_high),
            ],
            x_title="free energy, nats: low is likely; the middle 95 %",
            alt=f"Free energy of this one {mine:z.0f}, of held-out ones {mean:z.0f}, of noise {noise:z.0f}",
            form=".0f",
            zero=False,
            key="energy:free",
        )


def _energies(look: "Look") -> dict[str, tuple[float, float, float]]:
    """Mean free energy, and the middle 95 %, of held-out pictures and of the same pixels shuffled."""
    torch = reading.torch
    test = look.pictures.test
    generator = torch.Generator().manual_seed(0)
    shuffled = torch.stack([row[torch.randperm(len(row), generator=generator)] for row in test[:500]])
    found = {}
    with torch.no_grad():
        for name, rows in (("held out", test), ("noise", shuffled)):
            values = look.rbm(rows).numpy()
            low, high = np.quantile(values, [0.025, 0.975])
            found[name] = float(values.mean()), float(low), float(high)
    return found


def _dream(look: "Look") -> None:
    st.markdown("**What it dreams** when nothing is given")
    torch = reading.torch
    nothing = torch.zeros(look.pictures.test.shape[1], dtype=torch.bool)
    frames = completion.film(look.rbm, torch.zeros(12, len(nothing)), nothing, steps=60)
    film(
        frames.numpy().reshape(60, 12, *look.pictures.shape),
        key="energy:dream",
        label="Twelve chains that began with noise",
        across=6,
        unit="draw",
    )


def _read(look: "Look") -> None:
    left, middle, right = panes([10, 10, 14], key="energy-try")
    with left:
        found = _input(look)
        _pick(look)
    with middle:
        if found is None:
            st.caption("Draw a digit on the left, or pick one below it.")
        else:
            for name, title in (("pretrained", "Pretrained"), ("plain", "Not pretrained")):
                said = look.stack.say(name, found[0])[0]
                st.markdown(f"**{title}** reads {escape(look.pictures.classes[int(said.argmax())])}")
                show_bars(
                    look.pictures.classes,
                    said.tolist(),
                    key=f"energy:bars:{name}",
                    color=palette.MODEL if name == "pretrained" else palette.BASELINE,
                    most=3,
                )
    with right:
        st.markdown(
            "**What the stack dreams** of what it has seen",
            help="From held-out pictures, the top machine runs its chain; each layer below draws once. As it "
            "was before it was taught: naming changes the weights, and what they dreamed of is gone.",
        )
        film(
            dreams(look),
            key="energy:dream",
            label="Twelve dreams of the stack",
            across=6,
            fps=3,
            unit="dream",
        )
        known = look.settings.labels
        st.caption(
            f"Both nets know the labels of {known} pictures; the other {len(look.pictures.train) - known:,} "
            "were shown to one of them without."
        )


@st.cache_data(max_entries=16, show_spinner=False)
def _dreams(key: tuple[str, int, float], _look: "Look") -> np.ndarray:
    torch = reading.torch
    net = reading.untaught(_look).nets["pretrained"]
    start = _look.pictures.test[:12]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        frames = [net.dream(start, steps) for steps in (1, 2, 4, 8, 16, 32, 64, 100)]
    return torch.stack(frames).numpy().reshape(len(frames), len(start), *_look.pictures.shape)


def dreams(look: "Look") -> np.ndarray:
    """Dreams from the top after ever more draws, (frames, pictures, rows, columns)."""
    return _dreams(look.key, look)

"""The map: how it unfolds, what its units stand for, and where it must tear."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.components import background
from apps.components.curves import Curve, show_curves, thin
from apps.components.gallery import Picture, gallery
from apps.components.heat import heat
from apps.components.intervals import Score, show_scores
from apps.latent import film, reading, som
from apps.latent.decoded import HUES
from apps.latent.reading import Look
from apps.latent.views import shared
from envs.engine import palette
from sandbox.task import Baseline

KEPT, CLOUD = 30, 700
"""Checkpoints in the film; examples in the cloud."""
NOISES = 11


def answer(look: Look, other: Baseline | None) -> str:
    """How fine the map is, how folded, and what k-means reaches."""
    figures = reading.figures_of(look)
    fine, folded = figures["test_quantisation"], 100 * figures["test_topographic"]
    told = (
        f"A held-out example is **{fine:.3g}** from its unit (quantisation error), and of **{folded:.0f}** "
        "in 100 the two nearest units are no neighbours (topographic error)"
    )
    if other is None:
        return f"{told}."
    theirs = other.metrics["test_quantisation"]
    if theirs < fine:
        return (
            f"{other.name} with as many centres is finer (**{theirs:.3g}**), but has no neighbours. {told}."
        )
    return f"{told}; {other.name} with as many centres: {theirs:.3g}."


def attempt(look: Look) -> None:
    """The film of the unfolding."""
    alive = look.run.is_alive()
    steps = look.run.checkpoints()
    steps = [step for step in steps if step <= look.step]
    kept = [steps[i] for i in thin(len(steps), KEPT)]
    unit = show(look, kept, begin=not alive)
    if unit is None:
        st.caption("Click a unit to see what it wins.")
        return
    examples = reading.examples_of(look)
    won = (look.predictor.winners(examples.held) == unit).nonzero().flatten()[:16]
    row, column = divmod(unit, look.predictor.som.shape[1])
    st.markdown(f"**Row {row + 1}, column {column + 1}** wins {len(won) or 'none'} of the held-out examples:")
    if len(won):
        gallery(
            [
                Picture(reading.shown(examples.held[i].unflatten(0, examples.shape)), label(examples, int(i)))
                for i in won
            ],
            key="latent:won",
            size=54,
        )


def label(examples: som.Examples, index: int) -> str:
    """The class of a held-out example, if it has one."""
    if examples.held_labels is None:
        return ""
    return examples.classes[int(examples.held_labels[index])]


def show(look: Look, steps: list[int], *, begin: bool) -> int | None:
    """Show the sheet at these ages; returns the unit that was clicked."""
    examples = reading.examples_of(look)
    rows, columns = look.predictor.som.shape
    axes, middle, spread = view_of(examples.known)
    cloud = examples.held[:CLOUD]
    notes, hues = notes_of(look)
    colour = examples.shape == (3, 1, 1)
    frames = [
        {
            "told": f"step {step:,}",
            "codebook": film.bytes_of(reading.predictor_at(look.run, step).som.codebook.detach().numpy()),
        }
        for step in steps
    ]
    path, step, updated = look.key
    return film.show_sheet(
        {
            "token": f"{path}:{step}:{updated}:{len(frames)}",
            "film": look.run.name,
            "begin": begin,
            "frames": frames,
            "shape": list(examples.shape),
            "rows": rows,
            "columns": columns,
            "axes": axes.T.tolist(),
            "middle": (middle @ axes).tolist(),
            "spread": spread,
            "cloud": film.floats((((cloud - middle) @ axes) / spread).numpy()),
            "cloudHues": _cloud_hues(examples, cloud, colour),
            "unitHues": hues,
            "notes": notes,
            "hint": "Left the map; right the sheet among the data, which a drag turns. Point at a unit.",
            "alt": f"A map of {rows} by {columns} units over {examples.name}",
        },
        key="latent:sheet",
    )


def view_of(known: Tensor) -> tuple[Tensor, Tensor, float]:
    """Three directions to look along (D, 3), the middle (D,), and how far the data reach."""
    middle = known.mean(0)
    if known.shape[1] == 3:
        axes = torch.eye(3)
    else:
        _, vectors = torch.linalg.eigh((known - middle).double().T.cov())
        axes = vectors[:, -3:].flip(1).float()
    reach = ((known - middle) @ axes).norm(dim=1).quantile(0.99)
    return axes, middle, float(reach)


def _cloud_hues(examples: som.Examples, cloud: Tensor, colour: bool) -> list[str]:
    if colour:
        return ["#{:02x}{:02x}{:02x}".format(*(round(255 * float(v)) for v in one)) for one in cloud]
    labels = examples.held_labels
    assert labels is not None, "pictures have classes"
    return [HUES[int(labels[i]) % len(HUES)] for i in range(len(cloud))]


def notes_of(look: Look) -> tuple[list[str], list[str]]:
    """What is said of each unit, and its hue: of the class that it wins most."""
    examples = reading.examples_of(look)
    won = look.predictor.winners(examples.known)
    columns = look.predictor.som.shape[1]
    notes, hues = [], []
    for unit in range(len(look.predictor.som.codebook)):
        mine = won == unit
        row, column = divmod(unit, columns)
        told = f"row {row + 1}, column {column + 1}: wins {int(mine.sum())} of {len(won):,} examples"
        hue = palette.NEUTRALS["grey"]
        if examples.labels is not None and bool(mine.any()):
            counts = torch.bincount(examples.labels[mine], minlength=len(examples.classes))
            most = int(counts.argmax())
            told += f", {int(counts[most])} of them {examples.classes[most]}"
            hue = HUES[most % len(HUES)]
        notes.append(told)
        hues.append(hue)
    return notes, hues


def inside(look: Look) -> None:
    """Ridges between units, and how often each wins."""
    map_ = look.predictor.som
    examples = reading.examples_of(look)
    won = torch.bincount(look.predictor.winners(examples.known), minlength=len(map_.codebook))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            "**Ridges** (U-matrix): how far each unit is from its neighbours",
            help="Dark cells part clusters: what lies on their two sides is not alike.",
        )
        heat(
            map_.u_matrix().numpy(),
            key="latent:ridges",
            alt="Distances between neighbouring units",
            x_title="column",
            y_title="row",
            note="The darker, the further.",
            square=True,
        )
    with right:
        st.markdown("**Winners**: examples that each unit stands for")
        heat(
            won.view(map_.shape).float().numpy(),
            key="latent:hits",
            alt="How many examples each unit wins",
            x_title="column",
            y_title="row",
            note=f"Of {len(examples.known):,} examples; {int((won == 0).sum())} units win none.",
            square=True,
        )
    st.markdown(
        "**The neighbourhood** at this age: how much each unit is pulled along when the middle one wins"
    )
    radius = radius_at(look)
    pull = map_.neighbourhood(torch.tensor([len(map_.codebook) // 2 + map_.shape[1] // 2]), radius)
    heat(
        pull[0].view(map_.shape).numpy(),
        key="latent:neighbourhood",
        alt="The pull on each unit",
        x_title="column",
        y_title="row",
        note=f"Radius {radius:.2f} units at step {look.step:,} of {look.settings.steps:,}.",
        scale=1.0,
        height=220,
    )


def radius_at(look: Look) -> float:
    """The radius of the schedule at this age, as `Competitive` has it."""
    first, last = max(max(look.predictor.som.shape) / 2, 0.7), 0.7
    return first * (last / first) ** min(1.0, look.step / max(1, look.settings.steps - 1))


def compare(look: Look, other: Baseline | None) -> None:
    """k-means on the same examples; the sheet as it began."""
    figures = reading.figures_of(look)
    rows, columns = look.predictor.som.shape
    scores = [shared.score(f"this map, {rows} × {columns}", figures, "test_quantisation", palette.MODEL)]
    if other is not None:
        name = f"{other.name}, {rows * columns} centres"
        scores.append(shared.score(name, other.metrics, "test_quantisation"))
    scores += shared.others(look, ["latent/som"], "test_quantisation")
    left, right = st.columns(2, gap="large")
    with left:
        show_scores(
            scores,
            x_title="distance from a held-out example to its unit; smaller is finer",
            alt="; ".join(f"{score.name} {score.mean:.3g}" for score in scores),
            form=".3g",
            key="latent:compare:scores",
        )
    with right:
        folded = background.ask(("latent shuffled", *look.key), partial(shuffled, look))
        show_scores(
            [
                shared.score(
                    f"this map, {rows} × {columns}", figures, "test_topographic", palette.MODEL, 100
                ),
                *([] if folded is None else [Score(name="the same units, shuffled", mean=folded)]),
                *shared.others(look, ["latent/som"], "test_topographic", 100),
            ],
            x_title="of 100 examples, those whose two nearest units are no neighbours",
            alt=f"Topographic error {100 * figures['test_topographic']:.0f} of 100",
            key="latent:compare:folded",
        )
    st.caption(
        "k-means may put every centre where it serves best; a map must keep neighbours together, and pays "
        "for it with a little distance. In return it can be read like a map."
    )
    examples = reading.examples_of(look)
    centres = background.ask(
        ("latent centres", look.data, look.settings),
        lambda: som.k_means(examples.known, rows * columns),
    )
    if centres is None:
        return
    for title, units, key in (
        ("The map", look.predictor.som.codebook.detach(), "latent:compare:map"),
        ("k-means, in no order", centres, "latent:compare:centres"),
    ):
        st.markdown(f"**{title}**")
        st_mosaic(units, examples.shape, columns, key)


def st_mosaic(units: Tensor, shape: tuple[int, int, int], columns: int, key: str) -> None:
    """All units side by side in one picture."""
    channels, height, width = shape
    rows = -(-len(units) // columns)
    values = torch.zeros(rows * columns, channels, height, width)
    values[: len(units)] = units.unflatten(1, shape)
    whole = values.view(rows, columns, channels, height, width).permute(2, 0, 3, 1, 4)
    picture = whole.reshape(channels, rows * height, columns * width)
    gallery([Picture(reading.shown(picture), alt="Units")], key=key, size=420)


def shuffled(look: Look) -> float:
    """Topographic error, of 100, of the same units at other places."""
    held = reading.examples_of(look).held
    other = som.SOM(held.shape[1], *look.predictor.som.shape)
    order = torch.randperm(len(other.codebook), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        other.codebook.copy_(look.predictor.som.codebook[order])
    return 100 * other.topographic_error(held)


def limits(look: Look, other: Baseline | None) -> None:
    """Noise on what it is shown."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        amount = st.slider(
            "Noise",
            0.0,
            1.0,
            0.2,
            0.02,
            key="latent:limits:sheet",
            help="Standard deviation of what is added to held-out examples, 0 to 1.",
        )
        st.caption(
            "An example is still given to the nearest unit, however far off it is; with noise that is more "
            "and more often another one than before."
        )
    with right:
        amounts, same, near = background.ask(("latent sheet noise", *look.key), partial(strayed, look)) or (
            [],
            [],
            [],
        )
        show_curves(
            [
                Curve(name="the same unit", x=amounts, y=same, format=".0f"),
                Curve(name="or a neighbour", x=amounts, y=near, style="light", format=".0f"),
            ],
            x_title="noise, standard deviation",
            y_title="of 100 examples",
            alt="How many examples keep their unit as noise grows",
            y_range=(0.0, 100.0),
            mark=amount,
            key="latent:limits:strayed",
            height=300,
        )
        if amounts:
            here = float(np.interp(amount, amounts, same))
            st.markdown(f"At this noise **{here:.0f}** of 100 examples still find their unit.")


def strayed(look: Look) -> tuple[list[float], list[float], list[float]]:
    """Amounts of noise, and how many of 100 examples keep their unit, or move to a neighbour at most."""
    held: Any = reading.examples_of(look).held[:1500]
    before = look.predictor.winners(held)
    places = look.predictor.som.places
    amounts = np.linspace(0.0, 1.0, NOISES).tolist()
    same, near = [], []
    for amount in amounts:
        noisy = held + amount * torch.randn(held.shape, generator=torch.Generator().manual_seed(0))
        after = look.predictor.winners(noisy)
        same.append(100 * float((after == before).float().mean()))
        apart = (places[after] - places[before]).norm(dim=1)
        near.append(100 * float((apart < 1.5).float().mean()))
    return amounts, same, near

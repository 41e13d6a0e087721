"""The map: how it unfolds, what its units stand for, and where it must tear."""

import streamlit as st
import torch
from torch import Tensor

from apps.latent import film, reading, som
from apps.latent.decoded import HUES
from apps.latent.reading import Look
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.browser.heatmap import heat
from apps.studio.charts.curves import thin
from envs.engine import palette
from sandbox.task import Baseline

KEPT, CLOUD = 30, 700
"""Checkpoints in the film; examples in the cloud."""


def answer(look: Look, other: Baseline | None) -> str:
    """How fine the map is, how folded, and what k-means reaches."""
    figures = reading.figures_of(look)
    fine, folded = figures["test_quantisation"], 100 * figures["test_topographic"]
    told = (
        f"A held-out example is **{fine:.3g}** from its unit (quantisation error), and of **{folded:z.0f}** "
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
            "codebook": film.bytes_of(predictor.som.codebook.detach().numpy()),
        }
        for step, predictor in reading.through(look.run, steps)
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
    left, _ = st.columns(2, gap="large")
    pull = map_.neighbourhood(torch.tensor([len(map_.codebook) // 2 + map_.shape[1] // 2]), radius)
    with left:
        heat(
            pull[0].view(map_.shape).numpy(),
            key="latent:neighbourhood",
            alt="The pull on each unit",
            x_title="column",
            y_title="row",
            note=f"Radius {radius:z.2f} units at step {look.step:,} of {look.settings.steps:,}.",
            scale=1.0,
            square=True,
        )


def radius_at(look: Look) -> float:
    """The radius of the schedule at this age, as `Competitive` has it."""
    first, last = max(max(look.predictor.som.shape) / 2, 0.7), 0.7
    return first * (last / first) ** min(1.0, look.step / max(1, look.settings.steps - 1))

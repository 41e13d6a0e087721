"""One moment of the board as JSON: points, the network's answer, every neuron's map and every weight."""

from typing import TYPE_CHECKING, Any

import numpy as np

from apps.neurons.points import LETTERS, PLANE, Points

MOST_DRAWN = 1000
"""Points that are drawn; as many as may be painted, because the board sends back what it shows."""

if TYPE_CHECKING:
    from apps.neurons.lab import Lab


def waiting(points: Points, words: str) -> dict[str, Any]:
    """The board before there is a network: the points alone."""
    return {
        "frame": 0,
        "version": f"points {len(points.x)}",
        "label": f"{points.name}: {len(points.x)} points",
        "words": words,
        "points": dots(points),
        "classes": list(points.classes),
        "letters": letters(points),
        "paint": False,
        "turn": False,
    }


def frame(lab: "Lab", age: int | None, *, paint: bool, number: int) -> dict[str, Any]:
    """The board as a network sees it.

    Args:
        lab: what learns.
        age: the step to look back at; None for now.
        paint: whether points can be painted.
        number: of the frame; another one is drawn anew.
    """
    from apps.neurons import views
    from sandbox.blocks.rbf import RBFN

    model = lab.at(age)
    parameters = lab.parameters(model)
    bumps = isinstance(model, RBFN)
    called = names(lab, model)
    titles = ["input"]
    for weight, _ in parameters[:-1]:
        count = len(weight)
        cut = f", {views.MOST_UNITS} shown" if count > views.MOST_UNITS else ""
        titles.append(f"{count} {'bumps' if bumps else 'neurons'}{cut}")
    return {
        "frame": number,
        "version": f"{id(lab)} {age} {lab.step}",
        "label": f"{lab.points.name}: {len(lab.points.x)} points and what the network makes of the plane",
        "words": words(lab, age),
        "points": dots(lab.points),
        "classes": list(lab.points.classes),
        "letters": letters(lab.points),
        "paint": paint,
        "turn": age is None and not lab.trouble,
        "surface": views.surface(model),
        "map": views.MAP,
        "maps": views.maps(model),
        "wires": views.wires(parameters, bumps),
        "bumps": bumps_of(parameters) if bumps else None,
        "names": [layer[: views.MOST_UNITS] for layer in called],
        "titles": [*titles, "answer"],
    }


def names(lab: "Lab", model: Any) -> list[list[str]]:
    """Names of all neurons of each layer, from the input to the answer."""
    from sandbox.blocks.rbf import RBFN

    axes = ["x", "y"] if lab.points.axes == PLANE else [name[:12] for name in lab.points.axes]
    hidden = [len(weight) for weight, _ in lab.parameters(model)[:-1]]
    found = [axes]
    for layer, count in enumerate(hidden):
        kind = "bump " if isinstance(model, RBFN) else f"{layer + 1}." if len(hidden) > 1 else "neuron "
        found.append([f"{kind}{i + 1}" for i in range(count)])
    return [*found, list(lab.points.classes) or ["value"]]


def dots(points: Points) -> list[int]:
    """Points flat as x, y (thousandths), class or value (thousandths), and 1 if held out."""
    some = slice(None, None, max(1, -(-len(points.x) // MOST_DRAWN)))
    target = points.y if points.classes else 1000 * points.y
    rows = np.column_stack([1000 * points.x, target, points.held])[some]
    return np.round(rows).astype(int).ravel().tolist()


def letters(points: Points) -> list[int]:
    """For each class the hue and shape that it is drawn in: a painted class keeps its own."""
    return [LETTERS.index(name) if name in LETTERS else i for i, name in enumerate(points.classes)]


def bumps_of(parameters: list[Any]) -> list[list[float]]:
    """Centre and width of each bump."""
    centres, log_width = parameters[0]
    return [
        [*(round(float(v), 3) for v in centre), round(float(width), 3)]
        for centre, width in zip(centres.detach(), log_width.detach().exp(), strict=True)
    ]


def words(lab: "Lab", age: int | None) -> str:
    """The step and what is reached at it, in a line."""
    step = lab.step if age is None else age
    row = next((row for row in reversed(lab.rows) if row["step"] <= step), lab.rows[0])
    loss = f" · loss {row['loss']:.3g}" if "loss" in row else ""
    return f"step {step:,} of {lab.total:,}{loss} · {scored(lab.points, row)}"


def scored(points: Points, row: dict[str, float]) -> str:
    """What is reached on points learned from and on those held out."""
    seen, held = 100 * row["score"], 100 * row["test_score"]
    if points.classes:
        return f"right of 100: {seen:z.0f} learned from (full), {held:z.0f} held out (hollow)"
    return f"variance explained: {seen:z.0f} % learned from (full), {held:z.0f} % held out (hollow)"

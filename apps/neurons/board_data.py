"""One moment of the board as JSON: points, the network's answer, every neuron's map and every weight."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox.data.plane_points import LETTERS, PLANE, Points

MOST_DRAWN = 1000
"""Points that are drawn; as many as may be painted, because the board sends back what it shows."""

if TYPE_CHECKING:
    from apps.neurons.live_training import LiveTraining


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


def frame(training: "LiveTraining", age: int | None, *, paint: bool, number: int) -> dict[str, Any]:
    """The board as a network sees it.

    Args:
        training: what learns.
        age: the step to look back at; None for now.
        paint: whether points can be painted.
        number: of the frame; another one is drawn anew.
    """
    from apps.neurons import activation_maps
    from apps.neurons.live_training import layers_of
    from sandbox.blocks.rbf import RBFN

    model = training.at(age)
    points, parameters = training.points, layers_of(model)
    bumps = isinstance(model, RBFN)
    called = names(points, model)
    titles = ["input"]
    for weight, _ in parameters[:-1]:
        count = len(weight)
        cut = f", {activation_maps.MOST_UNITS} shown" if count > activation_maps.MOST_UNITS else ""
        titles.append(f"{count} {'bumps' if bumps else 'neurons'}{cut}")
    return {
        "frame": number,
        "version": f"{training.number} {age} {training.step}",
        "label": f"{points.name}: {len(points.x)} points and the network's answer everywhere",
        "words": words(training, age),
        "points": dots(points),
        "classes": list(points.classes),
        "letters": letters(points),
        "paint": paint,
        "turn": age is None and not training.trouble,
        "surface": activation_maps.surface(model),
        "map": activation_maps.MAP,
        "maps": activation_maps.maps(model),
        "wires": activation_maps.wires(parameters, bumps),
        "bumps": bumps_of(parameters) if bumps else None,
        "names": [layer[: activation_maps.MOST_UNITS] for layer in called],
        "titles": [*titles, "answer"],
    }


def names(points: Points, model: Any) -> list[list[str]]:
    """Names of all neurons of each layer, from the input to the answer."""
    from apps.neurons.live_training import layers_of
    from sandbox.blocks.rbf import RBFN

    axes = ["x", "y"] if points.axes == PLANE else [name[:12] for name in points.axes]
    hidden = [len(weight) for weight, _ in layers_of(model)[:-1]]
    found = [axes]
    for layer, count in enumerate(hidden):
        kind = "bump " if isinstance(model, RBFN) else f"{layer + 1}." if len(hidden) > 1 else "neuron "
        found.append([f"{kind}{i + 1}" for i in range(count)])
    return [*found, list(points.classes) or ["value"]]


def dots(points: Points) -> list[int]:
    """Points flat as x, y (thousandths), class or value (thousandths), and 1 if unseen."""
    some = slice(None, None, max(1, -(-len(points.x) // MOST_DRAWN)))
    target = points.y if points.classes else 1000 * points.y
    rows = np.column_stack([1000 * points.x, target, points.unseen])[some]
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


def words(training: "LiveTraining", age: int | None) -> str:
    """The step and the score at it, in a line."""
    step = training.step if age is None else age
    row = next((row for row in reversed(training.rows) if row["step"] <= step), training.rows[0])
    loss = f" · loss {row['loss']:.3g}" if "loss" in row else ""
    name = "correct" if training.points.classes else "variance explained"
    seen, unseen = 100 * row["score"], 100 * row["test_score"]
    return (
        f"step {step:,} of {training.total:,}{loss} · {name}: training {seen:z.0f} % (full points), "
        f"unseen {unseen:z.0f} % (hollow)"
    )

"""The layouts of `envs.work_cell`: where doors and furniture are, and what floor and walls look like.

Layout 0 is the hall as it was drawn first. The others are drawn by chance from their number, once.
"""

from dataclasses import dataclass

import numpy as np

LAYOUTS = 32
FLOOR = "#dfe3e9"
_FLOORS = ("#dfe3e9", "#c9c2b4", "#b7c4bb", "#8e959e", "#b9a58c", "#9db0c4", "#6f7a72", "#d8d2c2")
_FURNITURE = ("#9c7a52", "#6f7a89", "#4b5462", "#b5793a", "#7d8794", "#58705f", "#a3543c", "#3f5d80")


@dataclass(frozen=True)
class Look:
    """What a layout looks like.

    Attributes:
        floor: colour.
        lines: of the joints between its plates.
        zone: of the marking around the robot.
        bench: colour of the workbench.
        cabinet: likewise.
        things: boxes and bins along the walls: left, top, width, height, colour, in the units of the picture.
        stains: spots on the floor: x, y, radius, how strong.
    """

    floor: str
    lines: str
    zone: str
    bench: str
    cabinet: str
    things: tuple[tuple[float, float, float, float, str], ...] = ()
    stains: tuple[tuple[float, float, float, float], ...] = ()


def _shaded(color: str, factor: float) -> str:
    parts = [min(255, round(int(color[i : i + 2], 16) * factor)) for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _stations(rng: np.random.Generator) -> np.ndarray:
    """Places (7, 2) in metres: doors left, right and below, workbench, cabinet, conveyor, table."""
    bench, cabinet = rng.uniform(1.4, 3.4), rng.uniform(8.6, 10.6)
    if rng.random() < 0.5:
        bench, cabinet = 12.0 - bench, 12.0 - cabinet
    return np.array(
        [
            (-0.6, rng.uniform(4.2, 6.4)),
            (12.6, rng.uniform(4.2, 6.4)),
            (rng.uniform(5.0, 7.0), 8.6),
            (bench, 7.1),
            (cabinet, 7.1),
            (3.75, 4.05),
            (8.35, 4.05),
        ]
    )


def _look(rng: np.random.Generator) -> Look:
    floor = _FLOORS[rng.integers(len(_FLOORS))]
    bench, cabinet = rng.choice(len(_FURNITURE), 2, replace=False)
    things = []
    for _ in range(rng.integers(2, 7)):
        color = _FURNITURE[rng.integers(len(_FURNITURE))]
        w, h = rng.uniform(14, 44), rng.uniform(14, 34)
        if rng.random() < 0.5:  # along a side wall
            things.append((rng.choice([8.0, 712.0 - w]), rng.uniform(200, 400), w, h, color))
        else:
            things.append((rng.uniform(170, 540 - w), 478.0 - h, w, h, color))
    stains = tuple(
        (rng.uniform(20, 700), rng.uniform(230, 460), rng.uniform(6, 26), rng.uniform(0.03, 0.15))
        for _ in range(rng.integers(0, 9))
    )
    return Look(
        floor,
        _shaded(floor, rng.uniform(0.88, 1.08)),
        ("#d9b45a", "#c94f3d", "#e9e4d0", "#4d7f96")[rng.integers(4)],
        _FURNITURE[bench],
        _FURNITURE[cabinet],
        tuple(things),
        stains,
    )


def _made() -> tuple[np.ndarray, tuple[Look, ...]]:
    first = [(-0.6, 4.9), (12.6, 4.4), (6.8, 8.6), (1.6, 7.1), (10.6, 7.1), (3.75, 4.05), (8.35, 4.05)]
    places, looks = [np.array(first)], [Look(FLOOR, "#d7dce3", "#d9b45a", "#9c7a52", "#6f7a89")]
    for number in range(1, LAYOUTS):
        rng = np.random.default_rng(number)
        places.append(_stations(rng))
        looks.append(_look(rng))
    return np.stack(places), tuple(looks)


PLACES, LOOKS = _made()
# Two doors at the sides, one below, workbench, cabinet, and in the robot's space conveyor and table.
STATIONS_X = np.ascontiguousarray(PLACES[:, :, 0])
STATIONS_Y = np.ascontiguousarray(PLACES[:, :, 1])
STATIONS, INSIDE = 7, 5  # the first station that is inside

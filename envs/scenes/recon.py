"""The land of `envs.recon`: fields of noise that decide what grows where; compiled with its rules."""

import numpy as np

SIDE = 16  # squares along each edge of the map
NODES, FINE = 7, 13  # corners of a field along each edge; of the finer part of the height
FIELDS = 5
HEIGHT, MOISTURE, HEAT, HAZE, FINER = range(FIELDS)
CORNERS = (FIELDS - 1) * NODES * NODES + FINE * FINE
ROUGH = 0.38  # share of the finer part in the height

WATER, SAND, GRASS, FOREST, ROCK, ROAD, FIRE, CLOUD = range(8)
CLASSES = ("water", "sand", "grass", "forest", "rock", "road", "fire", "cloud")
# What a square of each looks like from above: red, green, blue.
COLORS = np.array(
    [
        (38, 78, 122),
        (206, 188, 140),
        (128, 152, 84),
        (46, 84, 52),
        (134, 124, 114),
        (196, 196, 190),
        (226, 96, 38),
        (236, 240, 245),
    ],
    np.float64,
)
SEA, BEACH, HILLS = 0.37, 0.41, 0.62
WOODED = 0.5
VEIL = 0.08  # how quickly a cloud gets dense from its edge


def _between(nodes):
    """For each square of a row: the corner of a field before its middle, and the share of the one after."""
    at = (np.arange(SIDE) + 0.5) / SIDE * (nodes - 1)
    before = np.minimum(at.astype(int), nodes - 2)
    part = at - before
    return before, part * part * (3.0 - 2.0 * part)


EDGES = np.array([FINE if which == FINER else NODES for which in range(FIELDS)])
BEFORE, PART = (np.stack(tables) for tables in zip(*map(_between, EDGES), strict=True))


def field(corners, which, row, column):
    """Value noise in the middle of a square: random numbers at corners, smooth in between."""
    nodes = EDGES[which]
    i = which * NODES * NODES + BEFORE[which, row] * nodes + BEFORE[which, column]
    a, b = PART[which, row], PART[which, column]
    upper = corners[i] + b * (corners[i + 1] - corners[i])
    lower = corners[i + nodes] + b * (corners[i + nodes + 1] - corners[i + nodes])
    return upper + a * (lower - upper)


def kind_at(height, wet):
    """What land of this height and moisture is covered with."""
    if height < SEA:
        return WATER
    if height < BEACH:
        return SAND
    if height > HILLS:
        return ROCK
    return FOREST if wet > WOODED else GRASS


def limit(share):
    """Above which value of a field something is, so that there is more of it with a larger share."""
    return 1.0 - 0.8 * share

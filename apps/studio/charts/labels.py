"""Where the labels of curves stand: beside the ends of their lines, and never over each other."""

from collections.abc import Sequence
from itertools import pairwise


def spread(values: Sequence[float], gap: float, least: float = float("-inf")) -> list[float]:
    """Move values apart until neighbours differ by `gap`, changing each as little as a single pass can.

    Args:
        values: where the lines end.
        gap: between two labels.
        least: none is moved below it.
    """
    order = sorted(range(len(values)), key=lambda i: values[i])
    moved = list(values)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    # What was pushed up as a block comes down by the mean push: labels stay centred on their lines.
    for i in range(len(order)):
        block = [i]
        while (
            block[-1] + 1 < len(order)
            and moved[order[block[-1] + 1]] - moved[order[block[-1]]] <= gap * 1.001
        ):
            block.append(block[-1] + 1)
        if len(block) > 1 and (i == 0 or moved[order[i]] - moved[order[i - 1]] > gap * 1.001):
            excess = sum(moved[order[j]] - values[order[j]] for j in block) / len(block)
            floor = moved[order[i - 1]] + gap if i else float("-inf")
            shift = min(excess, moved[order[i]] - floor)
            for j in block:
                moved[order[j]] -= shift
    for i in sorted(order, key=lambda i: moved[i]):
        moved[i] = max(moved[i], least)
        least = moved[i] + gap
    return moved

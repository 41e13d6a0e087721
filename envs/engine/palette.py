"""The colours of every picture: five hues with one meaning each, and neutrals.

The hues keep apart for colour-blind eyes (smallest CIELAB distance over normal sight and simulated
protanopia, deuteranopia and tritanopia, Machado et al. 2009: 20.6) and hold a contrast of 3 to 1 on white and
on `night`, so one set serves the light and the dark theme; the tests of the canvas check both.
"""

from functools import lru_cache

MODEL = "#1360c9"  # what is learned: the agent, the network, its curve
BASELINE = "#636972"  # what a sensible person would try first
HUMAN = "#b3720d"  # what a person did
TRUTH = "#1ba874"  # the goal, the label, the right answer
DANGER = "#d62442"  # losing, an error, a limit

HUES = {"model": MODEL, "baseline": BASELINE, "human": HUMAN, "truth": TRUTH, "danger": DANGER}
NEUTRALS = {
    "white": "#ffffff",
    "paper": "#f5f6f8",  # the light background
    "mist": "#e4e7ec",
    "silver": "#c3c9d3",
    "grey": "#8c94a1",
    "slate": "#4b5462",
    "ink": "#1f2631",  # text on light
    "night": "#12161f",  # the dark background
    "black": "#000000",
}
NAMES = HUES | NEUTRALS


@lru_cache(maxsize=4096)
def rgb(color: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of a name in `NAMES` or of `"#rrggbb"`.

    Raises:
        ValueError: neither a name nor `"#rrggbb"`.
    """
    value = NAMES.get(color, color)
    try:
        if len(value) != 7 or value[0] != "#":
            raise ValueError
        number = int(value[1:], 16)
    except ValueError:
        raise ValueError(f'color {color!r} is neither "#rrggbb" nor one of: {", ".join(NAMES)}') from None
    return number >> 16, number >> 8 & 255, number & 255


@lru_cache(maxsize=4096)
def hexadecimal(color: str) -> str:
    """The `"#rrggbb"` of a name in `NAMES` or of `"#rrggbb"`.

    Raises:
        ValueError: neither a name nor `"#rrggbb"`.
    """
    return "#{:02x}{:02x}{:02x}".format(*rgb(color))


def blend(color: str, other: str, share: float) -> str:
    """The colour that is `share` (0 to 1) of the way from `color` to `other`, as `"#rrggbb"`.

    Raises:
        ValueError: a colour is neither a name nor `"#rrggbb"`.
    """
    mixed = (round(a + (b - a) * share) for a, b in zip(rgb(color), rgb(other), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)

"""Shares as people read them: `96 %`, with a space, everywhere."""


def percent(part: float, digits: int = 0) -> str:
    """A share in per cent.

    Args:
        part: 1 is the whole.
        digits: behind the point.
    """
    return f"{100 * part:z.{digits}f} %"

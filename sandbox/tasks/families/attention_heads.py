"""How many heads attention has in a network of some width, and which widths they can share."""

from __future__ import annotations

from sandbox.errors import UserError

HEAD_WIDTH = 32
"""Numbers of each head."""


def heads_for(hidden: int) -> int:
    """Heads side by side; one in a narrow network."""
    return max(1, hidden // HEAD_WIDTH)


def check_heads(block: str, hidden: int) -> None:
    """Refuse a width that attention's heads cannot share.

    Raises:
        UserError: says of what it must be a multiple.
    """
    if block == "attention" and hidden % heads_for(hidden):
        raise UserError(f"hidden must be a multiple of {HEAD_WIDTH} for attention, not {hidden}.")

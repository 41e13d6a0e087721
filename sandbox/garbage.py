"""When Python looks for garbage: hardly while a command imports what it needs, as usual once it works.

Imports make a million objects that stay. Looking through them again and again is a sixth of the time that a
short training takes.
"""

import gc

WHILE_IMPORTING = 200_000
"""Objects that are made between two looks for garbage, until `look_as_usual`."""
_usual = gc.get_threshold()


def look_rarely() -> None:
    """Expect imports."""
    gc.set_threshold(WHILE_IMPORTING, *_usual[1:])


def look_as_usual() -> None:
    """All is imported by now, and need not be looked through any more."""
    if gc.get_threshold() != _usual:
        gc.freeze()
        gc.set_threshold(*_usual)

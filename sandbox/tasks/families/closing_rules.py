"""Closing rules: which letters may follow in a SMILES, so that a text can still end as a molecule.

Brackets and rings have to be closed, and no atom may have more bonds than those of its name have in the
training molecules. Where all double bonds are written (Kekulé's spelling) hardly anything else can be wrong;
texts with aromatic letters may still have rings whose double bonds do not work out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Bool

ORDERS = {"-": 1, "/": 1, "\\": 1, "=": 2, "#": 3}
"""Bonds, and how many of an atom's they are."""
ALONE, SECOND, DIGITS = "BCNOPSFIbcnops", {"Cl": "l", "Br": "r"}, "123456789"
"""Atoms of one letter, the second letters of others, and names of rings."""
UNREAD = frozenset("%*:$.")
"""Letters of rare molecules, which are not read and never written: a tenth ring, any atom, other bonds."""
SPARE = 12
"""Letters before the longest text ends, beside those that close it, from which on it has to end."""


class ClosingRules:
    """What texts have to keep.

    Args:
        most: bonds that an atom may have, by its name: `C`, `Cl`, `[NH+]`.
    """

    def __init__(self, most: Mapping[str, int]) -> None:
        self.most = dict(most)
        self.starting = lru_cache(maxsize=None)(self._starting)

    @classmethod
    def of(cls, molecules: Iterable[str]) -> "ClosingRules":
        """Rules that these SMILES keep; they are molecules."""
        most: Counter[str] = Counter()
        for one in molecules:
            if UNREAD & set(one):
                continue
            text = Text()
            for letter in one:
                text.add(letter)
            for name, used in zip(text.names, text.used, strict=True):
                most[name] = max(most[name], used)
        return cls(most)

    def begin(self) -> "Text":
        """A text without letters."""
        return Text(self)

    def _starting(self, begun: str, order: int, more: bool) -> str:
        """Letters that go on with the name of an atom.

        Args:
            begun: letters of its name so far.
            order: of the bond to it.
            more: whether it needs room for one more bond.
        """
        place = len(begun)
        return "".join(
            {
                name[place]: None
                for name, most in self.most.items()
                if name.startswith(begun)
                and len(name) > place
                and (place == 0 or begun[0] == "[")
                and most >= cost(name, order) + more
            }
        )


class Text:
    """A SMILES that is being written, and what is open in it.

    Args:
        rules: None to read molecules only.

    Attributes:
        names: of the atoms.
        used: bonds of each; those of an open ring count already.
    """

    def __init__(self, rules: ClosingRules | None = None) -> None:
        self.rules = rules
        self.names: list[str] = []
        self.used: list[int] = []
        self.near: list[set[int]] = []  # atoms bound to each
        self.at = -1  # the atom to which the next one is bound
        self.branches: list[int] = []  # where open brackets began
        self.rings: dict[str, tuple[int, int]] = {}  # where each was opened, and its bond; 0 if it says none
        self.bond = 0  # that was written for what comes next
        self.inside = ""  # what is written of an atom in square brackets
        # C: an atom, 1: a ring, =: a bond, which may be a ring's; ~: one that may not; or the letter itself
        self.last = "\n"
        self.ended = ""  # rings that ended at the last atom

    def add(self, letter: str) -> None:
        """Read one more letter: one that is `allowed`, or the next one of a molecule."""
        if self.inside or letter == "[":
            self.inside += letter
            if letter == "]":
                self._atom(self.inside)
                self.inside = ""
        elif letter in ALONE:
            self._atom(letter)
        elif letter in "lr":
            self.names[self.at] += letter
        elif letter in ORDERS:
            self.bond, self.last = ORDERS[letter], "=" if self.last in "C1" else "~"
        elif letter in DIGITS:
            self._ring(letter)
        elif letter == "(":
            self.branches.append(self.at)
            self.last = letter
        elif letter == ")":
            self.at = self.branches.pop()
            self.last = letter

    def _atom(self, name: str) -> None:
        self.names.append(name)
        self.used.append(0)
        self.near.append(set())
        if self.at >= 0:
            self._bind(self.at, len(self.names) - 1, self.bond or 1)
        self.at, self.bond, self.last, self.ended = len(self.names) - 1, 0, "C", ""

    def _ring(self, digit: str) -> None:
        if digit in self.rings:
            first, bond = self.rings.pop(digit)
            self.used[first] -= cost(self.names[first], bond or 1)  # which was set aside
            self._bind(first, self.at, bond or self.bond or 1)
            self.ended += digit
        else:
            self.rings[digit] = self.at, self.bond
            self.used[self.at] += cost(self.names[self.at], self.bond or 1)
        self.bond, self.last = 0, "1"

    def _bind(self, one: int, other: int, order: int) -> None:
        for each, far in ((one, other), (other, one)):
            self.used[each] += cost(self.names[each], order)
            self.near[each].add(far)

    def allowed(self, left: int) -> str:
        """The letters that may follow.

        Args:
            left: letters that may still be written.
        """
        assert self.rules is not None
        order, start = self.bond or 1, self.rules.starting
        spent = cost(self.names[self.at], order) if self.at >= 0 else 0
        # An atom at which an open ring cannot end has to have room for another.
        more = bool(self.rings) and not self._elsewhere(spent)
        if self.inside:
            return start(self.inside, order if self.at >= 0 else 0, more)
        if self.at < 0:
            return start("", 0, False)
        if self.last == "C" and self.names[self.at] not in self.rules.most:
            return "".join(self._second(more))
        room, ahead = self._room(self.at), self.last in "(=~"  # an atom has to follow
        rings = "".join(each for each in self.rings if self._closes(each)) if self.last in "C1=" else ""
        back = ")" if self.branches and not ahead and (not self.rings or self._elsewhere()) else ""
        end = "" if ahead or self.rings or self.branches else "\n"
        atoms = start("", order, more) if room >= spent else ""
        if left <= SPARE + 3 * len(self.rings) + len(self.branches):
            return end or rings[:1] or back or ("C" if "C" in atoms else atoms)
        found = rings + back + end + atoms
        if self.last not in "=~":
            found += "".join(sign for sign, bonds in ORDERS.items() if room >= self._of_here(bonds))
        if not ahead and room > 0:
            found += "("
        if self.last in "C1=" and (room > spent or (room == spent and self._elsewhere(spent))):
            found += "".join(each for each in DIGITS if each not in self.rings and each not in self.ended)
        if self.last == "C":
            found += "".join(self._second(bool(self.rings) and not self._elsewhere()))
        return found

    def _room(self, atom: int) -> int:
        assert self.rules is not None
        return self.rules.most.get(self.names[atom], 0) - self.used[atom]

    def _of_here(self, order: int) -> int:
        return cost(self.names[self.at], order)

    def _elsewhere(self, spent: int = 0) -> bool:
        """Whether the text will come back to an atom with room, after so many bonds at the last one."""
        return any(self._room(each) > (spent if each == self.at else 0) for each in self.branches)

    def _closes(self, digit: str) -> bool:
        """Whether a ring may end here, and others after it."""
        first, bond = self.rings[digit]
        order = bond or self.bond or 1
        rest = self._room(self.at) - self._of_here(order)
        return (
            first != self.at
            and first not in self.near[self.at]
            and rest >= 0
            and (not self.bond or not bond or bond == self.bond)
            and self._room(first) >= cost(self.names[first], order) - cost(self.names[first], bond or 1)
            and (len(self.rings) == 1 or rest > 0 or self._elsewhere(self._of_here(order)))
        )

    def _second(self, more: bool) -> list[str]:
        """Letters that make the last atom one of two letters."""
        assert self.rules is not None
        return [
            second
            for name, second in SECOND.items()
            if self.names[self.at] == name[0]
            and self.rules.most.get(name, 0) >= self.used[self.at] + more
        ]  # fmt: skip


class Masks:
    """Rows of a mask for letters that are allowed.

    Args:
        pieces: the letter of each token.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = list(pieces)
        self.row = lru_cache(maxsize=50_000)(self._row)

    def _row(self, letters: str) -> Bool[np.ndarray, " V"]:
        """True for each of these letters; everything is allowed if none of them is a token."""
        found = np.array([piece in letters for piece in self.pieces])
        return found if found.any() else ~found


def cost(name: str, order: int) -> int:
    """Bonds of an atom that a bond takes; an aromatic atom has one more in its ring, whatever is written."""
    return min(order, 1) if name[:2].strip("[").islower() else order

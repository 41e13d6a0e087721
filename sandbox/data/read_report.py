"""What became of the files that a data set was read from: how many were read, and why others were not."""

from dataclasses import dataclass, field


@dataclass
class Skipped:
    """Files that were left out for one reason."""

    count: int = 0
    example: str = ""
    """Name of one of them."""


@dataclass
class ReadReport:
    """What was read and what was left out; pages and the terminal tell it."""

    read: int = 0
    """Files that were read."""
    skipped: dict[str, Skipped] = field(default_factory=dict)
    """By reason, in words that follow *left out:*."""
    notes: list[str] = field(default_factory=list)
    """Whatever else is to be told, one sentence each."""

    @property
    def files(self) -> int:
        """Files that were found."""
        return self.read + sum(skipped.count for skipped in self.skipped.values())

    def skip(self, reason: str, example: str) -> None:
        """Count a file that is left out.

        Args:
            reason: such as `not a picture`.
            example: its name.
        """
        found = self.skipped.setdefault(reason, Skipped(example=example))
        found.count += 1

    def sentences(self) -> tuple[str, ...]:
        """What a person should know; nothing if every file was read."""
        told = []
        if self.skipped:
            reasons = [
                f"{skipped.count:,} left out: {reason}, such as {skipped.example}"
                for reason, skipped in self.skipped.items()
            ]
            told.append(f"{self.read:,} of {self.files:,} files were read; {'; '.join(reasons)}.")
        return (*told, *self.notes)

"""A public figure on the same data, to be printed beside what was reached here."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What somebody else has published.

    Attributes:
        figure: as its source says it: `97.7 %`.
        method: what reached it: `ResNet-18, pretrained on ImageNet`.
        source: where it is written: authors and year, or a project's page.
        hardware: and time, if the source says them.
        data: name of the source it was reached on, as `--data` takes it; None for the default one.
    """

    figure: str
    method: str
    source: str
    hardware: str = ""
    data: str | None = None

    def __str__(self) -> str:
        where = f", {self.hardware}" if self.hardware else ""
        return f"{self.figure}: {self.method}{where} ({self.source})"

"""What comes in the next steps of a series, and how sure that is: a band of 80 % around the middle.

The series that are built in are synthetic: a chaotic one and a seasonal one. Real ones are columns of your
own file (`--data FILE --columns all`), and ETTh1 (`--data etth1 --preset etth1`), split as in the literature:
12 months to learn from, 4 kept aside, 4 unseen, and all 7 series standardised by the first 12.

Measured on 26 November 2026, one core: mean squared error 0.026, 0.025 and 0.023 on the chaotic series
(seeds 0, 1 and 2; linear regression 0.275), 82 % in the band. On ETTh1 0.373 [0.324, 0.432] (seed 0; linear
regression 0.389), 81.5 % in the band.

`sequences/forecast` answers with the next value only, and compares how networks remember.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from sandbox.data import sequences, series_table, synthetic_series
from sandbox.data.series_windows import cuts
from sandbox.files import typed_path
from sandbox.tasks.families.forecasting import Forecasting, ForecastSettings, SeriesData
from sandbox.tasks.reference import Reference
from sandbox.tasks.source import OwnData, Source, located, public, unknown
from sandbox.tasks.split import About

VALUES = 8_000
"""Of each series that is built in."""
MONTH = 30 * 24
ETTH1 = (12 * MONTH, 16 * MONTH, 20 * MONTH)


class ManySteps(Forecasting):
    """The next steps of a chaotic or a seasonal series, or of columns of a file."""

    title = "What happens next, and how sure is that?"
    method = "what comes next"
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 120, "length": 32, "horizon": 8, "hidden": 16}
    split_settings: ClassVar[Collection[str] | None] = ("length", "horizon", "columns")
    presets: ClassVar[Mapping[str, ForecastSettings]] = {
        "fast": ForecastSettings(),
        "lstm": ForecastSettings(block="lstm", hidden=64, depth=1),
        "cnn": ForecastSettings(block="cnn", hidden=96, depth=3),
        "months": ForecastSettings(length=24, horizon=12, hidden=32, dropout=0.3, steps=600),
        "days": ForecastSettings(length=365, horizon=14, hidden=64, dropout=0.3, steps=600),
        "etth1": ForecastSettings(
            length=336, horizon=96, columns="all", hidden=128, depth=1, dropout=0.5, steps=1500, batch_size=32
        ),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"etth1": "ETTh1", "cnn": "CNN", "lstm": "LSTM"}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("mackey-glass", "a chaotic series", "A chaotic series (Mackey & Glass 1977).", synthetic=True),
        Source("seasonal", "a seasonal series", "Made hours with days, weekends and noise.", synthetic=True),
        *public("etth1"),
        OwnData(
            "my own series",
            "A CSV file with a row for each time step, the earliest first; the setting *Columns* says which.",
            files=(".csv", ".txt", ".tsv"),
        ),
    )
    references: ClassVar[Sequence[Reference]] = (
        Reference(figure="0.379 to 0.414", method="PatchTST", source="Nie et al. 2023", data="etth1"),
    )

    def series(self, settings: ForecastSettings, source: str | None) -> SeriesData:
        """A series that is made, or columns of a file."""
        found = located(self.sources, source)
        if isinstance(found, Source):
            about = About(found.title, "windows", synthetic=True)
            values = _made(found.name)[:, None]
            step = "hour" if found.name == "seasonal" else "step"
            return SeriesData(values=values, names=(found.name,), about=about, places=cuts(VALUES), step=step)
        if source == "etth1":
            table = series_table.read(found / "ETTh1.csv", settings.columns)
            about = About("ETTh1", "windows", "CC BY-ND 4.0, Zhou et al. 2021")
            return SeriesData(values=table.values, names=table.names, about=about, places=ETTH1, step="hour")
        path = typed_path(str(source))
        if not path.is_file():
            raise unknown(self.sources, str(source))
        table = series_table.read(path, settings.columns)
        values: np.ndarray = table.values
        about = About(path.name, "windows", notes=table.notes)
        return SeriesData(values=values, names=table.names, about=about, places=cuts(len(values)))


@lru_cache(maxsize=2)
def _made(name: str) -> np.ndarray:
    """The values (N,) of a series that is built in; half a second of work."""
    return (synthetic_series.seasonal if name == "seasonal" else sequences.mackey_glass)(VALUES).numpy()


TASK = ManySteps()

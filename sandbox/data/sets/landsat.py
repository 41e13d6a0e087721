"""Statlog (Landsat): what covers Australian ground, by the light of four bands. The address names a commit.

The files are a copy in which tabs part the columns and the first line counts them.
"""

from sandbox.data.named_set import NamedSet
from sandbox.data.remote_file import RemoteFile

COPY = (
    "https://raw.githubusercontent.com/YannisSch/Statlog_Landstat_Satellite_Project"
    "/6f31538326e860b63b09efdb43a0f76f3973ce29/data"
)

SETS = (
    NamedSet(
        name="statlog-landsat",
        title="Statlog Landsat",
        about="6,435 places of a satellite picture, 3 x 3 pixels in 4 bands each, in 6 kinds of ground.",
        kind="table",
        licence="CC BY 4.0, as its makers' page states",
        citation="Srinivasan 1993, Statlog (Landsat Satellite), UCI Machine Learning Repository",
        homepage="https://archive.ics.uci.edu/dataset/146/statlog+landsat+satellite",
        files=(
            RemoteFile(
                "sat.trn",
                (f"{COPY}/sat.trn",),
                "sha256:8257a4b2da49b394c3de1ec5d76079c0f0b3014916b3bdda23a4dc0cbcec3292",
                530_368,
            ),
            RemoteFile(
                "sat.tst",
                (f"{COPY}/sat.tst",),
                "sha256:b2d541f5c3b50ed47c270e8b7de20ac413e2549e6c1c5d6098fadbb111aae342",
                238_848,
            ),
        ),
    ),
)

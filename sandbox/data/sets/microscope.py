"""Pictures under the microscope, with boxes or masks: BCCD and the Data Science Bowl of 2018.

Nobody publishes checksums of these archives. The address of BCCD names a commit, so what it holds is settled
though GitHub may pack it anew.
"""

from sandbox.data.named_set import NamedSet
from sandbox.data.remote_file import RemoteFile

BCCD = "d272fb14cdff6e473fafeeeba32aba5f560e9e43"

SETS = (
    NamedSet(
        name="bccd",
        title="BCCD blood cells",
        about="364 blood smears, 640 x 480 pixels, with 4,888 boxes: red cells, white cells, platelets.",
        kind="pictures with boxes",
        licence="MIT",
        citation="Shenggan 2017, BCCD Dataset, after cosmicad and akshaylamba",
        homepage="https://github.com/Shenggan/BCCD_Dataset",
        files=(RemoteFile("bccd.zip", (f"https://github.com/Shenggan/BCCD_Dataset/archive/{BCCD}.zip",)),),
        roughly=8_000_000,
        unpacked=60 * 10**6,
        inside=f"BCCD_Dataset-{BCCD}/BCCD",
    ),
    NamedSet(
        name="dsb2018",
        title="Data Science Bowl 2018",
        about="670 pictures of nuclei in many stains and sizes, each with a mask of its own (BBBC038).",
        kind="pictures with masks",
        licence="CC0",
        citation="Caicedo et al. 2019, Nucleus segmentation across imaging experiments (Nature Methods 16)",
        homepage="https://bbbc.broadinstitute.org/BBBC038",
        files=(
            RemoteFile(
                "stage1_train.zip", ("https://data.broadinstitute.org/bbbc/BBBC038/stage1_train.zip",)
            ),
        ),
        roughly=83_000_000,
        unpacked=400 * 10**6,
    ),
)

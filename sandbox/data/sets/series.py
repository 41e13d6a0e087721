"""Series over time. Each address names a commit."""

from sandbox.data.named_set import NamedSet
from sandbox.data.remote_file import RemoteFile

GITHUB = "https://raw.githubusercontent.com"

SETS = (
    NamedSet(
        name="etth1",
        title="ETTh1",
        about="17,420 hours of a power transformer: six loads and the temperature of its oil.",
        kind="series",
        licence="CC BY-ND 4.0",
        citation="Zhou et al. 2021, Informer: beyond efficient transformer for long sequence forecasting",
        homepage="https://github.com/zhouhaoyi/ETDataset",
        files=(
            RemoteFile(
                "ETTh1.csv",
                (
                    f"{GITHUB}/zhouhaoyi/ETDataset/1d16c8f4f943005d613b5bc962e9eeb06058cf07"
                    "/ETT-small/ETTh1.csv",
                ),
                "sha256:f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
                2_589_657,
            ),
        ),
    ),
    NamedSet(
        name="ecg",
        title="electrocardiogram",
        about="Five minutes of one heart at 360 measurements a second, without labels.",
        kind="series",
        licence="ODC-BY 1.0",
        citation="Moody & Mark 2001, The impact of the MIT-BIH arrhythmia database (record 208)",
        homepage="https://github.com/scipy/dataset-ecg",
        files=(
            RemoteFile(
                "ecg.dat",
                (f"{GITHUB}/scipy/dataset-ecg/e35b2263c86aff8f8a3aa7c3eb3d90f2b07c70d2/ecg.dat",),
                "sha256:f20ad3365fb9b7f845d0e5c48b6fe67081377ee466c3a220b7f69f35c8958baf",
                119_035,
            ),
        ),
    ),
)

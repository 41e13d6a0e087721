"""EuroSAT: what grows and stands on European ground, seen by Sentinel-2. Its makers name no test pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.data.named_set import PICTURES, NamedSet
from sandbox.data.remote_file import RemoteFile

if TYPE_CHECKING:
    from sandbox.data.labelled_images import LabelledImages

PICTURES_IN_ALL = 27_000


def _images(folder: Path, size: int, split_seed: int) -> LabelledImages:
    from sandbox.data import image_folder

    found = image_folder.load(folder, size, split_seed, most=PICTURES_IN_ALL)
    return replace(found, classes=tuple(_words(name) for name in found.classes))


def _words(name: str) -> str:
    """`PermanentCrop` as people write it."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


SETS = (
    NamedSet(
        name="eurosat",
        title="EuroSAT",
        about="27,000 satellite pictures of Europe, 64 x 64 pixels, in 10 classes of land use.",
        kind=PICTURES,
        licence="MIT; contains Copernicus Sentinel data",
        citation="Helber, Bischke, Dengel & Borth 2019, EuroSAT (IEEE JSTARS 12(7), arXiv 1709.00029)",
        homepage="https://github.com/phelber/EuroSAT",
        files=(
            RemoteFile(
                "EuroSAT.zip",
                (
                    "https://huggingface.co/datasets/torchgeo/eurosat/resolve/"
                    "c877bcd43f099cd0196738f714544e355477f3fd/EuroSAT.zip",
                    "https://madm.dfki.de/files/sentinel/EuroSAT.zip",
                ),
                "md5:c8fa014336c82ac7804f0398fcb19387",
                94_280_567,
            ),
        ),
        unpacked=300 * 10**6,
        inside="2750",
        images=_images,
    ),
)

"""MedMNIST v2: pictures from medicine at 28 x 28 pixels, with the split of its makers.

Checksums, classes and licences as in its `info.py`. What its makers call `val` is learned from, too: nothing
is chosen by it here. Not for clinical use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.data.named_set import PICTURES, NamedSet
from sandbox.data.remote_file import RemoteFile

if TYPE_CHECKING:
    from sandbox.data.labelled_images import LabelledImages

CITATION = "Yang et al. 2023, MedMNIST v2 (Scientific Data 10, 41)"
CLASSES: dict[str, tuple[str, ...]] = {}
"""Names of the classes by the set's name; the files have numbers only."""
ORGANS = (
    "bladder",
    "left femur",
    "right femur",
    "heart",
    "left kidney",
    "right kidney",
    "liver",
    "left lung",
    "right lung",
    "pancreas",
    "spleen",
)


def _images(name: str, classes: Sequence[str], folder: Path, size: int, split_seed: int) -> LabelledImages:
    from sandbox.data import npz_pictures

    return replace(npz_pictures.load(folder / f"{name}.npz", split_seed, classes=classes), name=name)


def _set(
    name: str,
    title: str,
    about: str,
    md5: str,
    classes: Sequence[str],
    *,
    roughly: int,
    size: int = 0,
    licence: str = "CC BY 4.0",
) -> NamedSet:
    CLASSES[name] = tuple(classes)
    address = f"https://zenodo.org/records/10519652/files/{name}.npz?download=1"
    return NamedSet(
        name=name,
        title=title,
        about=f"{about}, 28 x 28 pixels. Not for clinical use.",
        kind=PICTURES,
        licence=licence,
        citation=CITATION,
        homepage="https://medmnist.com/",
        files=(RemoteFile(f"{name}.npz", (address,), f"md5:{md5}", size),),
        roughly=roughly,
        images=partial(_images, name, tuple(classes)),
    )


SETS = (
    _set(
        "pneumoniamnist",
        "PneumoniaMNIST",
        "5,856 X-rays of children's chests, normal or with pneumonia",
        "28209eda62fecd6e6a2d98b1501bb15f",
        ("normal", "pneumonia"),
        roughly=4_200_000,
    ),
    _set(
        "breastmnist",
        "BreastMNIST",
        "780 ultrasound pictures of breasts, malignant or not",
        "750601b1f35ba3300ea97c75c52ff8f6",
        ("malignant", "normal or benign"),
        roughly=600_000,
    ),
    _set(
        "bloodmnist",
        "BloodMNIST",
        "17,092 cells of healthy blood in 8 kinds",
        "7053d0359d879ad8a5505303e11de1dc",
        (
            "basophil",
            "eosinophil",
            "erythroblast",
            "immature granulocyte",
            "lymphocyte",
            "monocyte",
            "neutrophil",
            "platelet",
        ),
        roughly=35_000_000,
    ),
    _set(
        "pathmnist",
        "PathMNIST",
        "107,180 patches of stained colon tissue in 9 kinds; the test is from another hospital",
        "a8b06965200029087d5bd730944a56c1",
        (
            "adipose",
            "background",
            "debris",
            "lymphocytes",
            "mucus",
            "smooth muscle",
            "normal colon mucosa",
            "cancer-associated stroma",
            "colorectal adenocarcinoma epithelium",
        ),
        roughly=205_615_438,
        size=205_615_438,
    ),
    _set(
        "dermamnist",
        "DermaMNIST",
        "10,015 dermatoscope pictures of skin in 7 kinds",
        "0744692d530f8e62ec473284d019b0c7",
        (
            "actinic keratoses and intraepithelial carcinoma",
            "basal cell carcinoma",
            "benign keratosis-like lesions",
            "dermatofibroma",
            "melanoma",
            "melanocytic nevi",
            "vascular lesions",
        ),
        roughly=20_000_000,
        licence="CC BY-NC 4.0: not for commercial use",
    ),
    _set(
        "organamnist",
        "OrganAMNIST",
        "58,850 slices of CT scans with one of 11 organs in the middle; the test is of other patients",
        "866b832ed4eeba67bfb9edee1d5544e6",
        ORGANS,
        roughly=38_000_000,
    ),
)


def classes_of(path: Path) -> tuple[str, ...]:
    """Names of the classes of a file that is called as one of the sets; empty for another one."""
    return next((classes for name, classes in CLASSES.items() if path.stem.startswith(name)), ())

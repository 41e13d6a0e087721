"""Medical pictures in MedMNIST's form: one `.npz` file with pictures to learn from and a test part.

Yang et al. 2023, "MedMNIST v2", Scientific Data 10; https://medmnist.com, CC BY 4.0 but for DermaMNIST.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.data.formats import npz
from sandbox.data.labelled_images import LabelledImages
from sandbox.errors import UserError
from sandbox.files import path_text

CLASSES = {
    "pneumoniamnist": ("normal", "pneumonia"),
    "breastmnist": ("malignant", "normal or benign"),
    "bloodmnist": (
        "basophil",
        "eosinophil",
        "erythroblast",
        "immature granulocyte",
        "lymphocyte",
        "monocyte",
        "neutrophil",
        "platelet",
    ),
    "pathmnist": (
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
}
"""Names of the classes by the beginning of the file's name; the file itself has numbers only."""
LICENCE = "MedMNIST, Yang et al. 2023 (CC BY 4.0)"


def load(path: Path) -> LabelledImages:
    """The set's own test part is unseen; its training and validation parts are learned from.

    Pictures that are in two parts are learned from once, and not at all if one of them is a test picture.

    Raises:
        UserError: it cannot be read, is not in this form, or a class is missing; says why.
    """
    found = npz.medmnist(path)
    names = classes_of(path, 1 + max(int(labels.max()) for _, labels in found.values()))
    test, test_labels = found["test"]
    seen = {picture.tobytes() for picture in test}
    kept: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    repeated = 0
    for part in ("train", "val"):
        for picture, label in zip(*found[part], strict=True):
            content = picture.tobytes()
            if content in seen:
                repeated += 1
                continue
            seen.add(content)
            kept.append(picture)
            labels.append(int(label))
    counts = np.bincount(labels, minlength=len(names))
    missing = [name for name, count in zip(names, counts, strict=True) if count < 2]
    if missing:
        raise UserError(f"{path_text(path)} has no two pictures of {missing[0]} to learn from.")
    notes = [f"The set's own test part is unseen: {len(test):,} pictures. The others are learned from."]
    if repeated:
        notes.append(
            f"{repeated:,} pictures to learn from were there twice, or in the test part; they are left out."
        )
    return LabelledImages(
        name=path.stem,
        classes=names,
        train_images=_tensor(np.stack(kept)),
        train_labels=torch.tensor(labels),
        test_images=_tensor(test),
        test_labels=torch.from_numpy(test_labels),
        source=LICENCE if path.stem.startswith(tuple(CLASSES)) else "",
        notes=tuple(notes),
    )


def classes_of(path: Path, count: int) -> tuple[str, ...]:
    """Names of so many classes, or their numbers where the file's name is none of a known set."""
    for name, classes in CLASSES.items():
        if path.stem.startswith(name) and len(classes) >= count:
            return classes
    return tuple(map(str, range(max(count, 2))))


def _tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """Pictures (N, C, H, W) in [0, 1]."""
    values = torch.from_numpy(pictures).float() / 255
    return values[:, None] if values.dim() == 3 else values.permute(0, 3, 1, 2).contiguous()

"""What is in a data set: counts, classes and their balance, licence, and pictures that are in both parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.data import sets
from sandbox.data.formats.folders import files_in
from sandbox.errors import UserError
from sandbox.files import path_text, typed_path

if TYPE_CHECKING:
    from sandbox.data.labelled_images import LabelledImages

SIZE = 32
"""Side to which pictures of a folder are scaled."""
MOST_PAIRS = 20


def overview(name: str, images: LabelledImages | None = None) -> dict[str, Any]:
    """JSON values about a set that is on this machine, or a folder or file of pictures.

    Args:
        name: of a set, or a path.
        images: what `read` gave for it, if that is known.

    Raises:
        UserError: there is no such set or path, it is not here yet, or cannot be read; says why.
    """
    path = typed_path(name)
    if name not in sets.known() and path.exists():
        images = images or read(name)
        return {"name": name, "title": path_text(path.resolve().name), "folder": str(path)} | of(images)
    found = sets.find(name)
    folder = sets.here(name)
    record: dict[str, Any] = {
        key: getattr(found, key) for key in ("name", "title", "about", "licence", "citation", "homepage")
    }
    record |= {"holds": found.kind, "folder": str(folder), "bytes": found.size or None}
    if found.images is None:
        return record | {"files": sum(1 for _ in files_in(folder))}
    return record | of(images or read(name))


def read(name: str) -> LabelledImages:
    """The pictures of a set, of a folder or of a file, split.

    Raises:
        UserError: see `overview`.
    """
    from sandbox.data import idx, image_folder, named_pictures, npz_pictures

    path = typed_path(name)
    if name in sets.known() or not path.exists():
        return named_pictures.load(name, SIZE)
    if path.suffix.lower() == ".npz":
        return npz_pictures.load(path)
    if not path.is_dir():
        raise UserError(f"{path_text(path)} is neither a folder of pictures nor a .npz file.")
    return idx.load(path) if idx.is_idx_folder(path) else image_folder.load(path, SIZE)


def of(images: LabelledImages) -> dict[str, Any]:
    """Counts, balance and near-duplicates of pictures that are split."""
    from sandbox.data import near_duplicates

    train, test = (
        labels.bincount(minlength=len(images.classes)).tolist()
        for labels in (images.train_labels, images.test_labels)
    )
    whole = sum(train) + sum(test)
    channels, height, width = images.in_shape
    twins = near_duplicates.find(images.train_images, images.test_images)
    return {
        "train": sum(train),
        "test": sum(test),
        "shape": f"{height} x {width}, {'grey' if channels == 1 else 'in colour'}",
        "classes": [
            {"name": name, "train": train[i], "test": test[i], "share": (train[i] + test[i]) / whole}
            for i, name in enumerate(images.classes)
        ],
        "near_duplicates": {
            "count": len(twins),
            "alike": near_duplicates.ALIKE,
            "sentence": twins.sentence(),
            "pairs": [
                {"test": i, "train": j, "cosine": round(cosine, 4)}
                for (i, j), cosine in zip(twins.pairs[:MOST_PAIRS], twins.cosines[:MOST_PAIRS], strict=True)
            ],
        },
        "notes": list(images.notes),
    }

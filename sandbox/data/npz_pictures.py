"""Pictures and their classes in one `.npz` file, as MedMNIST, Keras and many papers give them.

The names of the arrays tell the parts: `train_images` and `train_labels`, `test_images` and `test_labels`
(MedMNIST), or `x_train`, `y_train`, `x_test`, `y_test` (Keras). Without a test part, `images` and `labels`,
or `x` and `y`, are split with a seed. A part for validation is learned from, too: nothing is chosen by it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from sandbox.data.formats import npz
from sandbox.data.labelled_images import LabelledImages, split_by_class
from sandbox.errors import UserError
from sandbox.files import path_text

HELD_OUT = 1 / 3
IMAGES = ("images", "image", "x", "data", "pictures")
LABELS = ("labels", "label", "y", "targets", "target", "classes")
TRAIN, VALIDATION, TEST = ("train", "training"), ("val", "valid", "validation", "dev"), ("test", "testing")
MAX_CLASSES = 1_000
Part = tuple[NDArray[Any], NDArray[Any]]


def load(path: Path, split_seed: int = 0, *, classes: Sequence[str] = ()) -> LabelledImages:
    """The pictures of a file, split as its makers did, or a seeded third of each class held out.

    Args:
        path: the file.
        split_seed: decides the split where the file has none.
        classes: their names, if they are known; else the numbers are.

    Raises:
        UserError: the file cannot be read, or its arrays are no pictures with classes; says what it found.
    """
    arrays = npz.read(path)
    parts = {name: part for name in ("", "train", "val", "test") if (part := _part(arrays, name, path))}
    notes: list[str] = []
    if "train" in parts and "test" in parts:
        train, test = parts["train"], parts["test"]
        if "val" in parts and parts["val"][0].shape[1:] == train[0].shape[1:]:
            train = tuple(np.concatenate(both) for both in zip(train, parts["val"], strict=True))
        repeated = _repeated(train[0], test[0])
        if repeated.any():
            train = (train[0][~repeated], train[1][~repeated])
            notes.append(
                f"{repeated.sum():,} pictures to learn from were there twice, or are in the test; "
                "they were left out."
            )
    else:
        whole = parts.get("") or parts.get("train")
        if whole is None:
            raise _not_pictures(path, arrays)
        keep = ~_repeated(whole[0])
        if not keep.all():
            notes.append(f"{(~keep).sum():,} pictures are exact copies of others and were left out.")
        pictures, labels = whole[0][keep], whole[1][keep]
        learned, held_out = split_by_class(labels.tolist(), HELD_OUT, split_seed)
        train = (pictures[learned.numpy()], labels[learned.numpy()])
        test = (pictures[held_out.numpy()], labels[held_out.numpy()])
    if train[0].shape[1:] != test[0].shape[1:]:
        raise UserError(f"The training and test pictures in {path_text(path)} are not of one size.")
    numbers = np.union1d(train[1], test[1])
    if not 2 <= len(numbers) <= MAX_CLASSES:
        raise UserError(f"{path_text(path)} has {len(numbers):,} classes; it needs 2 to {MAX_CLASSES:,}.")
    return LabelledImages(
        name=path_text(path.stem),
        classes=_names(numbers, classes),
        train_images=_shares(train[0], path),
        train_labels=torch.from_numpy(np.searchsorted(numbers, train[1])),
        test_images=_shares(test[0], path),
        test_labels=torch.from_numpy(np.searchsorted(numbers, test[1])),
        source=path_text(path),
        notes=tuple(notes),
    )


def _names(numbers: NDArray[np.int64], classes: Sequence[str]) -> tuple[str, ...]:
    if classes and numbers[-1] < len(classes):
        return tuple(classes[int(number)] for number in numbers)
    return tuple(str(number) for number in numbers.tolist())


def _part(arrays: Mapping[str, NDArray[Any]], part: str, path: Path) -> Part | None:
    """Pictures (N, H, W) or (N, H, W, 3) and the numbers of their classes (N,); None if there are none."""
    words = {"": (), "train": TRAIN, "val": VALIDATION, "test": TEST}[part]
    pictures = _named(arrays, words, IMAGES)
    labels = _named(arrays, words, LABELS)
    if pictures is None or labels is None:
        return None
    if pictures.ndim == 4 and pictures.shape[1] in (1, 3) and pictures.shape[3] not in (1, 3):
        pictures = pictures.transpose(0, 2, 3, 1)
    if pictures.ndim == 4 and pictures.shape[3] == 1:
        pictures = pictures[..., 0]
    is_colour = pictures.ndim == 4 and pictures.shape[3] == 3
    if not (pictures.ndim == 3 or is_colour) or 0 in pictures.shape:
        raise UserError(
            f"{path_text(path)} holds no pictures (N, H, W) or (N, H, W, 3), but {pictures.shape}."
        )
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or len(labels) != len(pictures):
        raise UserError(
            f"The pictures {pictures.shape} and classes {labels.shape} in {path_text(path)} do not fit "
            "each other; each picture needs one class."
        )
    if labels.dtype.kind not in "iub":
        raise UserError(f"The classes in {path_text(path)} are no whole numbers, but {labels.dtype}.")
    return pictures, labels.astype(np.int64)


def _named(
    arrays: Mapping[str, NDArray[Any]], part: Sequence[str], what: Sequence[str]
) -> NDArray[Any] | None:
    """The array whose name says both, in either order; of no part if `part` is empty."""
    for name, array in arrays.items():
        words = [word for word in re.split(r"[^a-z]+", name.lower()) if word]
        if not words or not set(words) <= {*part, *what}:
            continue
        if any(word in what for word in words) and (not part or any(word in part for word in words)):
            return array
    return None


def _repeated(pictures: NDArray[Any], others: Iterable[NDArray[Any]] = ()) -> NDArray[np.bool_]:
    """Which pictures (N,) are exactly among others, or among those before them."""
    seen = {picture.tobytes() for picture in others}
    found = np.zeros(len(pictures), bool)
    for i, picture in enumerate(pictures):
        content = picture.tobytes()
        found[i] = content in seen
        seen.add(content)
    return found


def _shares(pictures: NDArray[Any], path: Path) -> Float[Tensor, "N C H W"]:
    """Bytes from 0 to 255, or numbers from 0 to 1, as shares of white."""
    if pictures.dtype == np.uint8:
        shares = pictures.astype(np.float32) / 255.0
    else:
        are = str(pictures.dtype)
        is_number = pictures.dtype.kind in "fiub"
        if is_number:
            are += f" from {pictures.min():g} to {pictures.max():g}"
        if not (is_number and pictures.min() >= 0 and pictures.max() <= 1):  # NaN is neither
            raise UserError(
                f"The pictures in {path_text(path)} are {are}; they must be bytes (uint8) from 0 to 255, "
                "or numbers from 0 to 1."
            )
        shares = pictures.astype(np.float32)
    if shares.ndim == 3:
        return torch.from_numpy(shares).unsqueeze(1)
    return torch.from_numpy(np.ascontiguousarray(shares.transpose(0, 3, 1, 2)))


def _not_pictures(path: Path, arrays: Mapping[str, NDArray[Any]]) -> UserError:
    names = ", ".join(repr(name) for name in list(arrays)[:10])
    return UserError(
        f"{path_text(path)} holds {names}; it needs train_images, train_labels, test_images and test_labels, "
        "or images and labels."
    )

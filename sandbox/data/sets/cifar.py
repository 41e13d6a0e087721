"""CIFAR-10, in its binary form: the one in Python's is pickled, and is never read here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.data.named_set import PICTURES, NamedSet
from sandbox.data.remote_file import RemoteFile

if TYPE_CHECKING:
    from sandbox.data.labelled_images import LabelledImages

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def _images(folder: Path, size: int, split_seed: int) -> LabelledImages:
    from sandbox.data.formats import cifar_binary
    from sandbox.data.labelled_images import LabelledImages

    train, train_labels = cifar_binary.read([folder / f"data_batch_{i}.bin" for i in range(1, 6)])
    test, test_labels = cifar_binary.read([folder / "test_batch.bin"])
    return LabelledImages(
        name="CIFAR-10",
        classes=CLASSES,
        train_images=train,
        train_labels=train_labels,
        test_images=test,
        test_labels=test_labels,
    )


SETS = (
    NamedSet(
        name="cifar10",
        title="CIFAR-10",
        about="60,000 photos of 10 kinds of animals and vehicles, 32 x 32 pixels; 10,000 are the test.",
        kind=PICTURES,
        licence="none stated",
        citation="Krizhevsky 2009, Learning multiple layers of features from tiny images",
        homepage="https://www.cs.toronto.edu/~kriz/cifar.html",
        files=(
            # Size and checksum as on its homepage, where the binary version has this one.
            RemoteFile(
                "cifar-10-binary.tar.gz",
                ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
                "md5:c32a1d4ab5d03f1284b67883e8d87530",
                170_052_171,
            ),
        ),
        unpacked=200 * 10**6,
        inside="cifar-10-batches-bin",
        images=_images,
    ),
)

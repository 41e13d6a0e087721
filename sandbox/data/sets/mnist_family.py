"""MNIST and the sets made in its form: 60,000 pictures to learn from and 10,000 to test, 28 x 28, grey.

Checksums as in torchvision's `mnist.py`, of the files as their makers publish them. The makers of
Fashion-MNIST offer plain http besides the copy in their repository, which is taken here.
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

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def _files(bases: Sequence[str], sums: Sequence[str], sizes: Sequence[int]) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(name, tuple(base + name for base in bases), f"md5:{md5}", size)
        for name, md5, size in zip(FILES, sums, sizes, strict=True)
    )


def _images(classes: Sequence[str], folder: Path, size: int, split_seed: int) -> LabelledImages:
    from sandbox.data import idx

    return replace(idx.load(folder), classes=tuple(classes))


SETS = (
    NamedSet(
        name="mnist",
        title="MNIST",
        about="70,000 handwritten digits of about 500 people, 28 x 28 pixels; the test digits are of others.",
        kind=PICTURES,
        licence="CC BY-SA 3.0, as commonly stated",
        citation="LeCun et al. 1998, Gradient-based learning applied to document recognition",
        homepage="http://yann.lecun.com/exdb/mnist/",
        files=_files(
            (
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
            ),
            (
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c",
            ),
            (9_912_422, 28_881, 1_648_877, 4_542),
        ),
        images=partial(_images, "0123456789"),
    ),
    NamedSet(
        name="fashion-mnist",
        title="Fashion-MNIST",
        about="70,000 pictures of clothes from a shop, 28 x 28 pixels, in 10 classes.",
        kind=PICTURES,
        licence="MIT",
        citation="Xiao, Rasul & Vollgraf 2017, Fashion-MNIST (arXiv 1708.07747)",
        homepage="https://github.com/zalandoresearch/fashion-mnist",
        files=_files(
            (
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            ),
            (
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
            (26_421_880, 29_515, 4_422_102, 5_148),
        ),
        images=partial(
            _images,
            (
                "T-shirt or top",
                "trousers",
                "pullover",
                "dress",
                "coat",
                "sandal",
                "shirt",
                "sneaker",
                "bag",
                "ankle boot",
            ),
        ),
    ),
    NamedSet(
        name="kmnist",
        title="Kuzushiji-MNIST",
        about="70,000 characters of old Japanese books, 28 x 28 pixels: 10 hiragana in cursive hand.",
        kind=PICTURES,
        licence="CC BY-SA 4.0",
        citation="Clanuwat et al. 2018, Deep learning for classical Japanese literature (arXiv 1812.01718)",
        homepage="https://codh.rois.ac.jp/kmnist/",
        files=_files(
            ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
            (
                "bdb82020997e1d708af4cf47b453dcf7",
                "e144d726b3acfaa3e44228e80efcd344",
                "5c965bf0a639b31b8f53240b1b52f4d7",
                "7320c461ea6c1c855c0b718fb2a4b134",
            ),
            (18_165_135, 29_497, 3_041_136, 5_120),
        ),
        images=partial(_images, ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")),
    ),
)

"""A hundred faces and a hundred other pieces of photos, 25 x 25 pixels, as scikit-image brings them along.

From Labeled Faces in the Wild (Huang et al. 2007). Who the people are is not in the file.
"""

import numpy as np
import torch

from sandbox.data.labelled_images import LabelledImages, split_by_class

HELD_OUT = 1 / 3
FACES = 100
"""The first ones; the others are no faces."""


def load(split_seed: int = 0) -> LabelledImages:
    """134 pictures to learn from and 66 held out, the same for the same `split_seed`."""
    from skimage.data import lfw_subset

    pictures = torch.from_numpy(np.asarray(lfw_subset(), np.float32))[:, None]
    labels = (torch.arange(len(pictures)) < FACES).long()
    train, test = split_by_class(labels, HELD_OUT, split_seed)
    return LabelledImages(
        name="faces and other things",
        classes=("no face", "face"),
        train_images=pictures[train],
        train_labels=labels[train],
        test_images=pictures[test],
        test_labels=labels[test],
        source="Huang et al. 2007, Labeled Faces in the Wild, as in scikit-image",
    )

"""The pictures of a public set by its name, as its makers split them."""

from dataclasses import replace

from sandbox.data import sets
from sandbox.data.labelled_images import LabelledImages
from sandbox.errors import UserError


def load(name: str, size: int = 32, split_seed: int = 0) -> LabelledImages:
    """The pictures of a set that is on this machine; nothing is fetched here.

    Args:
        name: of the set.
        size: side to which pictures are scaled that are not of one size.
        split_seed: decides which third is held out, where the makers name no test pictures.

    Raises:
        UserError: no such set, one without classes, or it is not here yet; says how to fetch it.
    """
    found = sets.find(name)
    if found.images is None:
        raise UserError(f"{found.title} holds {found.kind}, and this needs pictures by class.")
    images = found.images(sets.here(name), size, split_seed)
    return replace(images, name=found.title, source=f"{found.citation}; licence: {found.licence}")

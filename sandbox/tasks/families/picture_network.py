"""Networks that read pictures: a setting names the block, and its shape follows from the pictures' size."""

from collections.abc import Mapping
from typing import Any, Literal

from sandbox.blocks.cnn import CNN
from sandbox.blocks.inception import Inception
from sandbox.blocks.residual import Residual

Block = Literal["cnn", "residual", "inception"]
Network = CNN | Residual | Inception
NETWORKS: Mapping[str, type[CNN] | type[Residual] | type[Inception]] = {
    "cnn": CNN,
    "residual": Residual,
    "inception": Inception,
}


def network(
    block: Block,
    in_shape: tuple[int, int, int],
    classes: int,
    *,
    channels: tuple[int, ...],
    hidden: tuple[int, ...],
    dropout: float = 0.0,
) -> dict[str, Any]:
    """The arguments of a block.

    Args:
        block: a key of `NETWORKS`.
        in_shape: `(C, H, W)` of a picture.
        classes: how many there are.
        channels: filters of each convolution, module or stage.
        hidden: sizes of the dense layers.
        dropout: chance of zeroing a number that enters the dense layers.
    """
    keywords = {
        "in_shape": in_shape,
        "channels": channels,
        "norm": "batch",
        "hidden": hidden,
        "out_dim": classes,
        "dropout": dropout,
    }
    match block:
        case "cnn":
            return keywords | cnn_shape(in_shape, len(channels))
        case "inception":
            return keywords | {"pool": pools(in_shape, len(channels) - 1)}
        case "residual":
            return keywords


def cnn_shape(in_shape: tuple[int, int, int], depth: int) -> dict[str, tuple[int, ...]]:
    """Filters, their steps and pooling of a `CNN` for pictures of this size.

    The first filters go over larger pictures in steps of two and are 5x5 instead of 3x3. Where 3x3 filters
    at every place would be followed by pooling, that computes and normalises a quarter as many places, and
    reads digits as well.
    """
    pool = pools(in_shape, depth)
    if pool[0] == 1:
        return {"pool": pool}
    rest = depth - 1
    return {"kernel": (5, *(3,) * rest), "stride": (2, *(1,) * rest), "pool": (1, *pool[1:])}


def pools(in_shape: tuple[int, int, int], depth: int) -> tuple[int, ...]:
    """Sides of the max-pooling of each stage: small pictures not at once, no map smaller than 7."""
    side, found = min(in_shape[1:]), []
    for stage in range(depth):
        found.append(1 if side < 7 or (stage == 0 and side < 16) else 2)
        side //= found[-1]
    return tuple(found)


def build(block: str, keywords: Mapping[str, Any]) -> Network:
    """The network of a checkpoint or of settings.

    Args:
        block: a key of `NETWORKS`.
        keywords: from `network`, perhaps by way of JSON.

    Raises:
        ValueError: it cannot be built for such pictures; says why.
    """
    arguments: dict[str, Any] = {**keywords, "in_shape": tuple(keywords["in_shape"])}
    return NETWORKS[block](**arguments)

"""Radial basis function networks: how near is the input to each of some centres? Broomhead & Lowe 1988.

    phi_j(x) = exp(-|x - c_j|^2 / (2 s_j^2)),      y = W phi(x) + b

Every hidden unit answers only near its own centre c_j, within its width s_j. With one centre per data point
the weights that meet every target exactly are the solution of a linear system (`RBFN.interpolant`); with
fewer centres, placed by k-means (Moody & Darken 1989), they are a least-squares fit (`RBFN.solve`); and
since every part is differentiable, centres and widths can be trained by gradients too (Poggio & Girosi
1990).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


def kmeans(
    points: Float[Tensor, "N D"],
    count: int,
    *,
    iterations: int = 50,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "K D"]:
    """Cluster centres by Lloyd's iteration from k-means++ seeds. Lloyd 1982; Arthur & Vassilvitskii 2007.

    Args:
        points: the data, at least `count` rows.
        count: number of centres, K.
        iterations: at most so many; ends early when no centre moves.
        generator: source of the draws, on the device of `points`; torch's own if None.

    Raises:
        ValueError: fewer points than centres.
    """
    if len(points) < count:
        raise ValueError(f"{count} centres need at least {count} points; there are {len(points)}.")
    first = torch.randint(len(points), (1,), generator=generator, device=points.device)
    centres = points[first]
    nearest = torch.cdist(points, centres).square().squeeze(1)
    for _ in range(count - 1):
        # Far points are likelier to become the next seed. Duplicates only: every chance is zero, take any.
        chances = nearest if nearest.sum() > 0 else torch.ones_like(nearest)
        seed = points[torch.multinomial(chances, 1, generator=generator)]
        centres = torch.cat([centres, seed])
        nearest = torch.minimum(nearest, torch.cdist(points, seed).square().squeeze(1))
    for _ in range(iterations):
        label = torch.cdist(points, centres).argmin(1)
        size = torch.bincount(label, minlength=count).to(points.dtype)[:, None]
        total = torch.zeros_like(centres).index_add_(0, label, points)
        moved = torch.where(
            size > 0, total / size.clamp_min(1), centres
        )  # an empty cluster stays where it is
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres


FARTHEST = -1e30
"""Smallest exponent of a normalised unit; exp of it is 0 all the same."""


class RBFN(nn.Module):
    """Gaussian bumps and a linear layer. Broomhead & Lowe 1988; Moody & Darken 1989.

    Args:
        in_dim: numbers per input, D.
        out_dim: numbers per output (classes as logits, or values), O.
        centres: number of hidden units, K.
        width: s_j before `place` or training, in units of the input.
        normalised: divide the bumps by their sum, so that they share out 1 everywhere and the network says
            something sensible far from all centres too (Moody & Darken 1989).

    Attributes:
        in_dim: D.
        out_dim: O.
        centres: the c_j, (K, D).
        log_width: logarithms of the s_j, (K,).
        head: the linear layer.
    """

    def __init__(
        self,
        in_dim: int,
        out_dim: int,
        centres: int,
        *,
        width: float = 1.0,
        normalised: bool = False,
    ):
        super().__init__()
        self.in_dim, self.out_dim = in_dim, out_dim
        self.normalised = normalised
        self.centres = nn.Parameter(torch.randn(centres, in_dim))
        # The logarithm keeps a trained width positive.
        self.log_width = nn.Parameter(torch.full((centres,), width).log())
        self.head = nn.Linear(centres, out_dim)

    def features(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B K"]:
        """Each unit's answer, in (0, 1]: 1 on its centre."""
        with torch.autocast(x.device.type, enabled=False):  # differences of near numbers need their digits
            x = x.to(self.centres.dtype)
            distance = torch.cdist(x, self.centres, compute_mode="donot_use_mm_for_euclid_dist")
            exponent = -0.5 * (distance / self.log_width.exp()).square()
            if not self.normalised:
                return exponent.exp()
            # Where all units are too far away to count, the softmax of nothing but -inf would be NaN.
            return exponent.clamp_min(FARTHEST).softmax(-1)

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B O"]:
        """The weighted sum of the units' answers."""
        return self.head(self.features(x))

    @torch.no_grad()
    def place(
        self, points: Float[Tensor, "N D"], *, neighbours: int = 2, generator: torch.Generator | None = None
    ) -> None:
        """Put the centres where the data is, by k-means, and set the widths from their spacing.

        Each width is the root mean square distance to the nearest other centres (Moody & Darken 1989).

        Args:
            points: the data.
            neighbours: how many nearest centres the width looks at.
            generator: source of the draws; torch's own if None.
        """
        self.centres.copy_(kmeans(points.to(self.centres), len(self.centres), generator=generator))
        if len(self.centres) > 1:
            spacing = torch.cdist(self.centres, self.centres).sort(1).values[:, 1 : neighbours + 1]
            width = spacing.square().mean(1).sqrt()
            # Two centres on the same spot (duplicates in the data) would have width 0.
            usual = width[width > 0].median() if (width > 0).any() else width.new_tensor(1.0)
            self.log_width.copy_(torch.where(width > 0, width, usual).log())

    @torch.no_grad()
    def solve(self, x: Float[Tensor, "N D"], y: Float[Tensor, "N O"], *, ridge: float = 1e-6) -> None:
        """Set the linear layer to the least-squares fit; centres and widths stay.

        Solves (A'A + ridge n I) w = A'y in double precision, where A holds the features of each point and a
        column of ones for the bias, which the ridge leaves alone.

        Args:
            x: inputs.
            y: targets (one-hot rows for classes).
            ridge: pull of the weights towards zero, relative to the number of points n.
        """
        features = self.features(x).double()
        a = torch.cat([features, torch.ones_like(features[:, :1])], 1)
        pull = torch.full((a.shape[1],), ridge * len(a), dtype=a.dtype, device=a.device)
        pull[-1] = 0.0
        weights = torch.linalg.solve(a.T @ a + pull.diag(), a.T @ y.double())
        self.head.weight.copy_(weights[:-1].T)
        self.head.bias.copy_(weights[-1])

    @classmethod
    @torch.no_grad()
    def interpolant(cls, x: Float[Tensor, "N D"], y: Float[Tensor, "N O"], *, width: float) -> "RBFN":
        """The network with one centre per point that meets every target: solves Phi w = y.

        Gaussians of distinct points make Phi invertible (Micchelli 1986), but the wider they are the closer
        to singular it gets; give double precision where widths exceed the points' spacing.

        Args:
            x: distinct inputs.
            y: their targets.
            width: s, one for all centres, in units of x.

        Raises:
            ValueError: the system is singular in this precision (two equal points, or `width` too large).
        """
        network = cls(x.shape[1], y.shape[1], len(x), width=width).to(x)
        network.centres.copy_(x)
        weights, trouble = torch.linalg.solve_ex(network.features(x), y)
        network.head.weight.copy_(weights.T)
        network.head.bias.zero_()
        gap = (network(x) - y).abs().max() / y.abs().max().clamp_min(torch.finfo(y.dtype).tiny)
        if trouble.item() or not gap < 1e-3:
            raise ValueError(
                f"No exact interpolant at width {width}: points are equal or too near. Lower the width."
            )
        return network


def example() -> tuple[RBFN, tuple[Tensor, ...]]:
    """Eight bumps over the plane, three outputs."""
    return RBFN(2, 3, 8), (torch.randn(5, 2),)

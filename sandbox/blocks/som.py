"""Self-organising map: a sheet of units that unfolds over the data. Kohonen 1982, 1990.

    winner   s(x) = argmin_j |x - w_j|
    online   w_j <- w_j + rate * h(s, j) * (x - w_j)                        one example at a time
    batch    w_j <- sum_x h(s(x), j) x / sum_x h(s(x), j)                   all examples at once
    where    h(s, j) = exp(-|r_s - r_j|^2 / (2 radius^2))                   r_j: place of unit j on the sheet

Units that are neighbours on the sheet are pulled along with the winner, so that near units come to stand for
near data: a map. The radius starts wide (the sheet orders itself) and shrinks (it fills in the detail); the
schedule is the learner's (`sandbox.training.competitive`). Nothing here is learned by gradients.
"""

import math
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from sandbox.errors import check_choice

Lattice = Literal["rectangular", "hexagonal"]


class SOM(nn.Module):
    """A sheet of `rows` times `columns` units. Kohonen 1982.

    Args:
        in_dim: numbers per input, D.
        rows: units down.
        columns: units across; N = rows * columns in all.
        lattice: `rectangular`, with up to eight neighbours, or `hexagonal`, with six at equal distance.

    Attributes:
        codebook: what each unit stands for, (N, D), row by row; a parameter that takes no gradient.
        places: where each unit sits on the sheet, (N, 2); neighbours are 1 apart.
        shape: `(rows, columns)`.
    """

    places: Tensor

    def __init__(self, in_dim: int, rows: int, columns: int, *, lattice: Lattice = "rectangular") -> None:
        super().__init__()
        self.in_dim = in_dim
        self.shape = (rows, columns)
        check_choice("lattice", lattice, get_args(Lattice))
        self.lattice: Lattice = lattice
        self.codebook = nn.Parameter(torch.rand(rows * columns, in_dim), requires_grad=False)
        row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        y, x = row.flatten().float(), column.flatten().float()
        if lattice == "hexagonal":
            x, y = x + 0.5 * (y % 2), y * math.sqrt(0.75)
        self.register_buffer("places", torch.stack([x, y], 1))

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B N"]:
        """Distance from each input to each unit's codebook vector."""
        with torch.autocast(x.device.type, enabled=False):  # differences of near numbers need their digits
            return torch.cdist(x.to(self.codebook.dtype), self.codebook)

    def winners(self, x: Float[Tensor, "B D"]) -> Int[Tensor, " B"]:
        """The unit nearest to each input."""
        return self(x).argmin(1)

    def neighbourhood(self, units: Int[Tensor, " B"], radius: float) -> Float[Tensor, "B N"]:
        """How much each unit is pulled along when one of `units` wins: 1 for itself, in (0, 1] for others."""
        squared = (self.places[units][:, None] - self.places).square().sum(-1)
        return torch.exp(-squared / (2 * radius**2))

    @torch.no_grad()
    def initialise(self, x: Float[Tensor, "M D"]) -> None:
        """Lay the sheet flat along the two directions of largest variance. Kohonen 2001, section 3.7."""
        mean = x.mean(0)
        _, scale, directions = torch.linalg.svd(x - mean, full_matrices=False)
        flat = self.places - self.places.mean(0)
        flat = flat / flat.abs().amax(0).clamp_min(1e-9)  # in [-1, 1] both ways
        if self.shape[0] > self.shape[1]:
            flat = flat.flip(1)  # the longer side follows the larger variance
        axes = min(2, len(scale))
        spread = scale[:axes, None] / math.sqrt(max(len(x) - 1, 1)) * directions[:axes]
        self.codebook.copy_(mean + flat[:, :axes].to(x) @ spread)

    @torch.no_grad()
    def online(self, x: Float[Tensor, "B D"], *, rate: float, radius: float) -> None:
        """Kohonen's rule, one example after the other.

        Args:
            x: the examples, in the order in which they are shown.
            rate: share of the way that the winner moves, in (0, 1].
            radius: width of the neighbourhood, in units of the sheet.
        """
        for example in x.to(self.codebook):
            towards = example - self.codebook
            winner = towards.square().sum(1).argmin()[None]
            self.codebook.addcmul_(self.neighbourhood(winner, radius).T, towards, value=rate)

    @torch.no_grad()
    def batch(self, x: Float[Tensor, "B D"], *, radius: float, rate: float = 1.0) -> None:
        """The batch rule: each unit moves to the mean of the data, weighted by the neighbourhood.

        Args:
            x: all examples, or a large random part of them.
            radius: width of the neighbourhood, in units of the sheet.
            rate: share of the way; 1 for all the data, less where `x` is a part.
        """
        x = x.to(self.codebook)
        count = torch.zeros_like(self.codebook[:, 0])
        total = torch.zeros_like(self.codebook)
        for part in x.split(8192):  # bounds the memory of the distances
            winner = self.winners(part)
            count += torch.bincount(winner, minlength=len(count))
            total.index_add_(0, winner, part)
        # Examples of one winner share its neighbourhood, so they were summed first: N x N instead of B x N.
        weight, moment = torch.zeros_like(count), torch.zeros_like(total)
        for units in torch.arange(len(count), device=x.device).split(1024):
            pull = self.neighbourhood(units, radius)
            weight += count[units] @ pull
            moment += pull.T @ total[units]
        weight = weight[:, None]
        mean = moment / weight.clamp_min(1e-30)
        self.codebook.copy_(torch.where(weight > 1e-12, self.codebook.lerp(mean, rate), self.codebook))

    @torch.no_grad()
    def quantisation_error(self, x: Float[Tensor, "B D"]) -> float:
        """Mean distance from an input to its winner, in units of x: how fine the map is."""
        return self(x).amin(1).mean().item()

    @torch.no_grad()
    def topographic_error(self, x: Float[Tensor, "B D"]) -> float:
        """Share of inputs whose best two units are no neighbours, in [0, 1]. Kiviluoto 1996.

        High: the map is folded. Diagonal neighbours on a rectangular sheet count as neighbours.
        """
        if len(self.codebook) < 2:
            return 0.0
        first, second = self(x).topk(2, largest=False).indices.unbind(1)
        return (~self._adjacent()[first, second]).float().mean().item()

    @torch.no_grad()
    def u_matrix(self) -> Float[Tensor, "rows columns"]:
        """Mean distance from each unit's vector to its neighbours': ridges part clusters. Ultsch 1990."""
        near = self._adjacent().to(self.codebook.dtype)
        apart = torch.cdist(self.codebook, self.codebook)
        mean = (near * apart).sum(1) / near.sum(1).clamp_min(1)
        return mean.view(self.shape)

    def _adjacent(self) -> Tensor:
        """(N, N): True for pairs of neighbours."""
        apart = torch.cdist(self.places, self.places)
        reach = 1.5 if self.lattice == "rectangular" else 1.1  # 1.41 is diagonal, 1.73 the next hexagon
        return (apart > 0.5) & (apart < reach)


def example() -> tuple[SOM, tuple[Tensor, ...]]:
    """Four by six units over colours."""
    return SOM(3, 4, 6), (torch.rand(5, 3),)

"""Restricted Boltzmann machine: two layers of units that agree on an energy. Smolensky 1986; Hinton 2002.

    E(v, h) = -b.v - c.h - h.W v                p(v, h) = exp(-E(v, h)) / Z
    F(v)    = -b.v - sum_j softplus(c_j + W_j.v)                        free energy: p(v) = exp(-F(v)) / Z
    p(h_j = 1 | v) = sigmoid(c_j + W_j.v),      p(v_i = 1 | h) = sigmoid(b_i + (W' h)_i)

With Gaussian visible units of variance 1 (standardise the data first), -b.v becomes |v - b|^2 / 2 and v given
h is normal around b + W' h.

The gradient of the log-likelihood is -dF/dtheta on the data plus its mean over the machine's own samples.
Contrastive divergence (CD-k) takes those samples from k steps of Gibbs sampling that start at the data
(Hinton 2002); persistent CD keeps its chains running from one update to the next (Tieleman 2008).
"""

import math
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.errors import check_choice

Visible = Literal["bernoulli", "gaussian"]


class RBM(nn.Module):
    """A layer of visible and a layer of hidden units, every pair across linked. Hinton 2002.

    `forward` is the free energy, in which every parameter has a gradient.

    Args:
        visible_dim: visible units, V.
        hidden_dim: hidden units, H; always 0 or 1.
        visible: `bernoulli` for data in [0, 1], `gaussian` for standardised real numbers.

    Attributes:
        weight: W, (H, V).
        visible_bias: b, (V,).
        hidden_bias: c, (H,).
        in_dim: V.
        out_dim: H.
    """

    def __init__(self, visible_dim: int, hidden_dim: int, *, visible: Visible = "bernoulli") -> None:
        super().__init__()
        self.in_dim, self.out_dim = visible_dim, hidden_dim
        check_choice("kind of visible units", visible, get_args(Visible))
        self.visible: Visible = visible
        self.weight = nn.Parameter(0.01 * torch.randn(hidden_dim, visible_dim))
        self.visible_bias = nn.Parameter(torch.zeros(visible_dim))
        self.hidden_bias = nn.Parameter(torch.zeros(hidden_dim))

    def forward(self, v: Float[Tensor, "B V"]) -> Float[Tensor, " B"]:
        """The free energy F(v): low where the machine finds v likely."""
        visible_term = (
            -v @ self.visible_bias
            if self.visible == "bernoulli"
            else 0.5 * (v - self.visible_bias).square().sum(1)
        )
        return visible_term - F.softplus(self.hidden_input(v)).sum(1)

    def hidden_input(self, v: Float[Tensor, "B V"]) -> Float[Tensor, "B H"]:
        """C + W v: the log odds of each hidden unit."""
        return F.linear(v, self.weight, self.hidden_bias)

    def hidden_mean(self, v: Float[Tensor, "B V"]) -> Float[Tensor, "B H"]:
        """p(h_j = 1 | v): the features of v."""
        return self.hidden_input(v).sigmoid()

    def visible_mean(self, h: Float[Tensor, "B H"]) -> Float[Tensor, "B V"]:
        """Mean of the visible units given the hidden ones."""
        drive = F.linear(h, self.weight.T, self.visible_bias)
        return drive.sigmoid() if self.visible == "bernoulli" else drive

    def sample_hidden(self, v: Float[Tensor, "B V"]) -> Float[Tensor, "B H"]:
        """Draw the hidden units given the visible ones."""
        return torch.bernoulli(self.hidden_mean(v))

    def sample_visible(self, h: Float[Tensor, "B H"]) -> Float[Tensor, "B V"]:
        """Draw the visible units given the hidden ones."""
        mean = self.visible_mean(h)
        return torch.bernoulli(mean) if self.visible == "bernoulli" else mean + torch.randn_like(mean)

    @torch.no_grad()
    def gibbs(
        self, v: Float[Tensor, "B V"], steps: int = 1, *, keep: Bool[Tensor, " V"] | None = None
    ) -> Float[Tensor, "B V"]:
        """Run chains of alternating draws, hidden then visible.

        Args:
            v: where the chains start.
            steps: draws of each layer.
            keep: True for visible units that stay as given: the chain completes the others.
        """
        start = v
        for _ in range(steps):
            v = self.sample_visible(self.sample_hidden(v))
            if keep is not None:
                v = torch.where(keep, start, v)
        return v

    @torch.no_grad()
    def chain(
        self,
        v: Float[Tensor, "B V"],
        keep: Bool[Tensor, " V"],
        steps: int,
        *,
        seed: int = 0,
        alike: bool = False,
    ) -> Float[Tensor, "S B V"]:
        """What clamped Gibbs sampling shows at each step: means of the visible units, given ones as they are.

        Unlike `gibbs` it draws from a generator of its own, so that several threads may do so at a time.

        Args:
            v: in [0, 1]; what is not kept is not looked at, the chains begin there with noise.
            keep: True for visible units that stay as given; nowhere for a free dream.
            steps: draws of each layer.
            seed: of the draws.
            alike: whether all rows get the same random numbers, so that none depends on the others.
        """
        generator = torch.Generator(v.device).manual_seed(seed)

        def draw(chance: Tensor) -> Tensor:
            rows = 1 if alike else len(chance)
            luck = torch.rand(rows, chance.shape[1], generator=generator, device=v.device)
            return (luck < chance).to(v.dtype)

        drawn = torch.where(keep, v, draw(torch.full_like(v, 0.5)))
        means = []
        for _ in range(steps):
            mean = self.visible_mean(draw(self.hidden_mean(drawn)))
            means.append(torch.where(keep, v, mean))
            drawn = torch.where(keep, v, draw(mean))
        return torch.stack(means)

    @torch.no_grad()
    def initialise(self, v: Float[Tensor, "N V"]) -> None:
        """Set the visible biases that give the machine the data's means. Hinton 2010, section 8.1."""
        mean = v.mean(0)
        if self.visible == "bernoulli":
            mean = torch.logit(mean.clamp(0.01, 0.99))
        self.visible_bias.copy_(mean)

    def contrastive_divergence(
        self, v: Float[Tensor, "B V"], chain: Float[Tensor, "M V"] | None = None, *, steps: int = 1
    ) -> tuple[Float[Tensor, ""], Float[Tensor, "M V"]]:
        """A number whose gradient is that of CD-k or persistent CD; its value means nothing.

        Args:
            v: data.
            chain: visible units of the persistent chains; None starts at the data (CD-k).
            steps: Gibbs steps, k.

        Returns:
            mean F(data) - mean F(samples), and the samples, which continue a persistent chain.
        """
        samples = self.gibbs(v if chain is None else chain, steps)
        return self(v).mean() - self(samples).mean(), samples

    @torch.no_grad()
    def pseudo_log_likelihood(self, v: Float[Tensor, "B V"]) -> Float[Tensor, " B"]:
        """Sum over units of log p(v_i | all the others), in nats: cheap, and higher is better. Besag 1975.

        Exact for 0/1 data: flips each unit once. scikit-learn's `score_samples` flips one unit at random and
        multiplies by V, so its mean over many draws is this.

        Raises:
            ValueError: the visible units are Gaussian.
        """
        if self.visible != "bernoulli":
            raise ValueError("The pseudo-likelihood by flipping units needs Bernoulli visible units.")
        drive = self.hidden_input(v)
        here = F.softplus(drive).sum(1)
        total = torch.zeros_like(here)
        for i in range(self.in_dim):
            turn = 1 - 2 * v[:, i]  # +1 switches the unit on, -1 off
            there = F.softplus(drive + turn[:, None] * self.weight[:, i]).sum(1)
            total += F.logsigmoid(here - there - turn * self.visible_bias[i])
        return total

    @torch.no_grad()
    def log_partition(self) -> Float[Tensor, ""]:
        """Log Z, exactly, by running through all states of the hidden layer (or a smaller visible one).

        Raises:
            ValueError: more than 2^20 states.
        """
        weight, b, c = self.weight.double(), self.visible_bias.double(), self.hidden_bias.double()
        if self.visible == "bernoulli" and self.in_dim < self.out_dim:
            weight, b, c = weight.T, c, b  # the energy is symmetric in its two layers
        if len(c) > 20:
            raise ValueError(f"2^{len(c)} states are too many to run through; 2^20 is the most.")
        codes = torch.arange(2 ** len(c), device=c.device)
        bits = torch.arange(len(c), device=c.device)
        parts = []
        for chunk in codes.split(4096):
            h = (chunk[:, None] >> bits & 1).double()
            drive = h @ weight
            if self.visible == "bernoulli":
                rest = F.softplus(drive + b).sum(1)
            else:  # the integral of a normal density shifted by W'h
                rest = drive @ b + 0.5 * drive.square().sum(1) + 0.5 * len(b) * math.log(2 * math.pi)
            parts.append(torch.logsumexp(h @ c + rest, 0))
        return torch.logsumexp(torch.stack(parts), 0).to(self.weight.dtype)


def example() -> tuple[RBM, tuple[Tensor, ...]]:
    """Six visible and four hidden units."""
    return RBM(6, 4), (torch.bernoulli(torch.full((5, 6), 0.5)),)

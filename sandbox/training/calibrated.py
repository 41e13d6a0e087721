"""A classifier whose scores are stretched and shifted afterwards, so that its probabilities are honest.

    p = softmax(s / T + b)

T and b are fitted to examples that were kept aside: bias-corrected temperature scaling. Alexandari, Kundaje &
Shrikumar 2020, arXiv:1901.06852. The b chooses the threshold between two classes, too, and no test example
does.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

WIDEST = 3.0
"""Largest logarithm of T, and largest part of b."""


class Calibrated(nn.Module):
    """A network with its calibration, which gradients do not learn.

    Args:
        network: makes scores (B, C).
        classes: C.

    Attributes:
        network: likewise.
        log_temperature: logarithm of T.
        bias: b, (C,).
    """

    log_temperature: Tensor
    bias: Tensor

    def __init__(self, network: nn.Module, classes: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("log_temperature", torch.zeros(()))
        self.register_buffer("bias", torch.zeros(classes))

    def forward(self, x: Tensor) -> Float[Tensor, "B C"]:
        """Calibrated scores; while training those of the network alone."""
        scores = self.network(x)
        return scores if self.training else scores / self.log_temperature.exp() + self.bias

    @torch.no_grad()
    def calibrate(
        self, inputs: Tensor, labels: Int64[Tensor, " N"], *, balanced: bool = False, size: int = 500
    ) -> None:
        """Fit T and b to examples that were kept aside.

        Args:
            inputs: of the network.
            labels: numbers of the true classes.
            balanced: every class counts the same, as if all were equally frequent.
            size: examples that go through the network at a time.
        """
        before = self.training
        self.network.eval()
        scores = torch.cat([self.network(part).float() for part in inputs.split(size)]).cpu().double()
        self.train(before)
        labels, count = labels.cpu(), scores.shape[1]
        totals = torch.bincount(labels, minlength=count).clamp_min(1)
        weight = (len(labels) / (count * totals)).double() if balanced else None
        with torch.enable_grad():
            found = torch.zeros(1 + count, dtype=torch.float64, requires_grad=True)
            optimizer = torch.optim.LBFGS([found], max_iter=100, line_search_fn="strong_wolfe")

            def loss() -> Tensor:
                optimizer.zero_grad()
                # The pull towards nothing keeps T finite where all that was kept aside is read correctly.
                pull = 1e-3 * found.square().sum()
                value = F.cross_entropy(scores / found[0].exp() + found[1:], labels, weight=weight) + pull
                value.backward()
                return value

            optimizer.step(loss)
        found = found.detach().nan_to_num(0.0).clamp(-WIDEST, WIDEST).to(self.bias)
        self.log_temperature.copy_(found[0])
        self.bias.copy_(found[1:] - found[1:].mean())


@torch.no_grad()
def renew_statistics(network: nn.Module, inputs: Tensor, size: int = 250) -> None:
    """Measure what batch normalisation goes by again, on unchanged training examples. Izmailov et al. 2018.

    Averaged weights, and examples that were changed at random while training, make other statistics.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d)]
    if not norms:
        return
    before, momenta = network.training, [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
        norm.train()
    for part in inputs.split(size):
        if len(part) > 1:
            network(part)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.train(before)

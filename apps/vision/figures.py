"""The figures of a network that tells pictures apart."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.statistics import bootstrap_interval

EVALUATION_BATCH = 1_000


def outcome(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """For each picture the cross-entropy in nats and whether the answer is right, on the CPU."""
    model.eval()
    losses, right = [], []
    with torch.inference_mode():
        for some, answers in zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True):
            scores = model(some).float()
            losses.append(F.cross_entropy(scores, answers, reduction="none"))
            right.append(scores.argmax(1) == answers)
    model.train()
    return torch.cat(losses).cpu(), torch.cat(right).cpu()


def figures(losses: Tensor, right: Tensor) -> dict[str, float]:
    """Their means."""
    return {"test_loss": losses.mean().item(), "test_accuracy": right.double().mean().item()}


def final_figures(losses: Tensor, right: Tensor) -> dict[str, float]:
    """Their means, and the 95 % interval of the accuracy over the held-out pictures."""
    interval = bootstrap_interval(right.double().numpy())
    return {"test_loss": losses.mean().item(), **interval.metrics("test_accuracy")}

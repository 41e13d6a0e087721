"""The supervised contrastive loss: who belongs together comes together. Khosla et al. 2020.

With unit vectors z and temperature t, for each example i and its mates P(i), those of the same label,

    L_i = -1/|P(i)| sum over p in P(i) of log( exp(z_i z_p / t) / sum over a != i of exp(z_i z_a / t) )

which is their L_out. It needs no list of classes, so that what is learned holds for classes never seen.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor


def supervised_contrastive(
    embeddings: Float[Tensor, "B D"], labels: Int64[Tensor, " B"], temperature: float = 0.1
) -> Float[Tensor, ""]:
    """The loss of a batch, the mean over the examples that have a mate in it.

    Args:
        embeddings: unit vectors.
        labels: of the examples; some occur more than once.
        temperature: smaller ones look at the nearest strangers alone.
    """
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    mates = (labels[:, None] == labels[None]) & ~itself
    logits = (embeddings @ embeddings.T / temperature).masked_fill(itself, float("-inf"))
    logs = (logits - logits.logsumexp(1, keepdim=True)).masked_fill(~mates, 0.0)
    count = mates.sum(1)
    return -(logs.sum(1) / count.clamp(min=1))[count > 0].mean()

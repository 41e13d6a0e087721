"""What a network holds while it reads a sequence, and how its gradient travels back through time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sandbox.tasks.families.sequence_network import SequenceNetwork


def trace(network: SequenceNetwork, inputs: Float[Tensor, "1 T D"]) -> dict[str, np.ndarray]:
    """What the top layer of a network holds while it reads one sequence.

    Returns:
        `hidden` (H, T); for an LSTM also `cell`, `input`, `forget`, `candidate` and `output`; for attention
        `head 1` and so on, (T, T): a row for each step that looks, a column for each that is looked at.
    """
    body: Any = network.body
    with torch.inference_mode():
        if network.block == "attention":
            x = _entering(body, inputs)
            shares = body.layers[-1].attention.shares(body.layers[-1].norm1(x))[0]
            heads = {f"head {i + 1}": share.numpy() for i, share in enumerate(shares)}
            return {"hidden": body(inputs)[0].T.numpy(), **heads}
        steps = [step[-1] for step in body.steps(inputs)]
    return {name: torch.cat([getattr(step, name) for step in steps]).T.numpy() for name in steps[0]._fields}


def gradient_norms(
    network: SequenceNetwork, losses: Callable[[Tensor, Tensor], Tensor], inputs: Tensor, targets: Tensor
) -> Float[np.ndarray, " T"]:
    """Norm of d loss / d h_t for each time step t, mean over sequences, as a share of the last one's.

    The loss is that of the last answer alone, and h_t what the top layer holds; for attention, which holds
    nothing, the features that enter its top layer.

    Args:
        network: whose.
        losses: of outputs (N, 1, O) and targets (N, 1, ...).
        inputs: (N, T, D).
        targets: (N, A, ...).
    """
    body: Any = network.body
    if network.block == "attention":
        held = [_entering(body, inputs)]
        outputs = body.norm(body.layers[-1](held[0]))[:, -1:]
    else:
        held = [step[-1].hidden for step in body.steps(inputs)]
        outputs = held[-1][:, None]
    # The sum keeps the gradients of the sequences apart, each with a loss of its own.
    loss = losses(network.head(outputs), targets[:, -1:]).sum()
    gradients = torch.autograd.grad(loss, held)
    found = gradients[0] if network.block == "attention" else torch.stack(gradients, 1)
    norms = found.norm(dim=-1).mean(0)
    return (norms / norms[-1].clamp_min(1e-30)).numpy()


def follows(
    network: SequenceNetwork, unit: int, inputs: Float[Tensor, "N T D"], lags: int = 12
) -> tuple[int, int, float]:
    """The column of the inputs that a unit's state goes along with most, how many steps later, and how much.

    Returns:
        Column, steps between the input and the state, and Pearson's correlation; 0 if there is none.
    """
    with torch.inference_mode():
        held = network.features(inputs)[..., unit]
    best = (0, 0, 0.0)
    for lag in range(min(inputs.shape[1], lags)):
        state = held[:, lag:].flatten()
        for column in range(inputs.shape[2]):
            value = inputs[:, : inputs.shape[1] - lag, column].flatten()
            if float(value.std()) == 0 or float(state.std()) == 0:
                continue
            r = float(torch.corrcoef(torch.stack([state, value]))[0, 1])
            if abs(r) > abs(best[2]):
                best = (column, lag, r)
    return best


def _entering(body: Any, inputs: Tensor) -> Tensor:
    """What enters the top layer of a transformer, (B, T, H)."""
    x = body.stem(inputs) + body.places[: inputs.shape[1]]
    for layer in body.layers[:-1]:
        x = layer(x)
    return x

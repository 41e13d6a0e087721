"""The gradient through time is torch's own, and a unit is found to follow what it was made to follow."""

from functools import partial
from typing import Any

import numpy as np
import torch

from sandbox.explain_time import follows, gradient_norms, trace
from sandbox.metrics.answers import losses
from sandbox.tasks.families.sequence_network import BLOCKS, SequenceNetwork


def network(block, length=5):
    torch.manual_seed(0)
    return SequenceNetwork(block, 2, 1, hidden=8, length=length, answers=1)


def test_the_gradient_through_time_is_the_product_of_jacobians():
    """For an RNN the norm of d loss / d h_t by hand, back from the last step."""
    rnn = network("rnn")
    inputs, targets = torch.rand(4, 5, 2), torch.rand(4, 1, 1)
    norms = gradient_norms(rnn, partial(losses, "number"), inputs, targets)
    body: Any = rnn.body
    states = [step[-1].hidden for step in body.steps(inputs)]
    gradient = 2 * (rnn.head(states[-1]) - targets[:, 0]) * rnn.head.weight
    expected = [gradient.norm(dim=1).mean().item()]
    for state in reversed(states[1:]):
        gradient = (gradient * (1 - state**2)) @ body.layers.weight_hh_l0
        expected.insert(0, gradient.norm(dim=1).mean().item())
    assert np.allclose(norms, np.array(expected) / expected[-1], rtol=1e-4)


def test_a_trace_has_a_column_for_each_step():
    for block in BLOCKS:
        found = trace(network(block), torch.rand(1, 5, 2))
        assert found["hidden"].shape == (8, 5)
        heads = [values for name, values in found.items() if name.startswith("head")]
        assert len(heads) == (4 if block == "attention" else 0)
        assert all(np.allclose(head.sum(1), 1, atol=1e-5) for head in heads)


def test_a_unit_follows_what_it_is_wired_to():
    rnn = network("rnn", length=20)
    body: Any = rnn.body
    with torch.no_grad():
        for parameter in body.layers.parameters():
            parameter.zero_()
        body.layers.weight_ih_l0[3, 1] = 1.0  # unit 3 reads the second column
        body.layers.weight_hh_l0[4, 3] = 1.0  # unit 4 reads unit 3, a step later
    inputs = torch.rand(50, 20, 2, generator=torch.Generator().manual_seed(1))
    assert follows(rnn, 3, inputs)[:2] == (1, 0)
    assert follows(rnn, 4, inputs)[:2] == (1, 1)
    assert follows(rnn, 0, inputs)[2] == 0

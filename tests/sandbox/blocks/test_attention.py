"""Attention against torch's own: the kernel, the multi-head layer, the encoder layer."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sandbox.blocks.attention import MultiHeadAttention, Transformer, TransformerLayer, attend
from sandbox.blocks.rnn import gradient_through_time


def triangle(steps):
    return torch.ones(steps, steps, dtype=torch.bool).tril()


@pytest.mark.parametrize("causal", [False, True])
def test_the_equation_equals_torchs_kernel(causal):
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 2, 4, 7, 5)
    mine, shares = attend(q, k, v, triangle(7) if causal else None)
    torch.testing.assert_close(mine, F.scaled_dot_product_attention(q, k, v, is_causal=causal))
    torch.testing.assert_close(shares.sum(-1), torch.ones(2, 4, 7))


def test_cross_attention_of_other_lengths():
    q, k, v = torch.randn(2, 3, 5), torch.randn(2, 9, 5), torch.randn(2, 9, 4)
    torch.testing.assert_close(attend(q, k, v)[0], F.scaled_dot_product_attention(q, k, v))


@pytest.mark.parametrize("causal", [False, True])
def test_equal_to_torchs_layer_with_its_weights(causal):
    torch.manual_seed(1)
    theirs = nn.MultiheadAttention(12, 3, batch_first=True)
    nn.init.normal_(theirs.in_proj_bias)
    nn.init.normal_(theirs.out_proj.bias)
    ours = MultiHeadAttention(12, 3, causal=causal)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(4, 7, 12)
    mask = ~triangle(7) if causal else None
    expected, shares = theirs(x, x, x, attn_mask=mask, average_attn_weights=False)
    torch.testing.assert_close(ours(x), expected)
    torch.testing.assert_close(ours.shares(x), shares)


def test_layer_equals_torchs_with_its_weights():
    torch.manual_seed(2)
    theirs = nn.TransformerEncoderLayer(12, 3, 48, 0.0, "gelu", batch_first=True, norm_first=True)
    ours = TransformerLayer(12, 3)
    ours.load_state_dict({k.replace("self_attn", "attention"): v for k, v in theirs.state_dict().items()})
    x = torch.randn(4, 7, 12)
    torch.testing.assert_close(ours(x), theirs(x))


def test_causal_output_does_not_depend_on_the_future():
    torch.manual_seed(3)
    block = Transformer(3, 8, num_heads=2, max_steps=10)
    x = torch.randn(2, 10, 3)
    changed = x.clone()
    changed[:, 6:] = torch.randn(2, 4, 3)
    torch.testing.assert_close(block(x)[:, :6], block(changed)[:, :6])
    assert not torch.allclose(block(x)[:, 6:], block(changed)[:, 6:])
    open_block = Transformer(3, 8, num_heads=2, max_steps=10, causal=False)
    assert not torch.allclose(open_block(x)[:, :6], open_block(changed)[:, :6])


def test_gradient_reaches_the_first_step():
    torch.manual_seed(4)
    block = Transformer(4, 32, max_steps=60)
    reach = gradient_through_time(block, torch.randn(8, 60, 4))
    assert reach[0] > 1e-3 * reach[-1]


def test_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="evenly"):
        MultiHeadAttention(10, 3)
    with pytest.raises(ValueError, match="11 steps"):
        Transformer(3, 8, num_heads=2, max_steps=10)(torch.randn(1, 11, 3))


def test_looks_up_what_belongs_to_a_key():
    """Five steps of a key and its value each, then a key alone: the answer is its value."""
    torch.manual_seed(5)

    def batch(count):
        keys = torch.rand(count, 8).argsort(1)[:, :5]
        values = torch.randint(4, (count, 5))
        asked = torch.randint(5, (count, 1))
        pairs = torch.cat([F.one_hot(keys, 8), F.one_hot(values, 4)], 2)
        question = F.pad(F.one_hot(keys.gather(1, asked), 8), (0, 4))
        return torch.cat([pairs, question], 1).float(), values.gather(1, asked)[:, 0]

    block = Transformer(12, 32, depth=1, num_heads=2, max_steps=6)
    head = nn.Linear(32, 4)
    optimizer = torch.optim.Adam([*block.parameters(), *head.parameters()], lr=1e-2)
    for _ in range(250):
        x, answers = batch(64)
        optimizer.zero_grad()
        F.cross_entropy(head(block(x)[:, -1]), answers).backward()
        optimizer.step()
    x, answers = batch(500)
    assert (head(block(x)[:, -1]).argmax(1) == answers).float().mean() > 0.95


def test_a_step_that_may_look_nowhere_takes_zeros():
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, 4, requires_grad=True) for _ in range(3))
    allowed = torch.tensor([[True, False, True], [False, False, False], [True, True, True]])
    taken, shares = attend(q, k, v, allowed)
    assert torch.equal(shares[:, 1], torch.zeros(2, 3)) and torch.equal(taken[:, 1], torch.zeros(2, 4))
    torch.testing.assert_close(shares.sum(-1), torch.tensor([[1.0, 0.0, 1.0]] * 2))
    whole, _ = attend(q, k, v)
    torch.testing.assert_close(taken[:, 2], whole[:, 2])
    taken.sum().backward()
    assert all(x.grad is not None and x.grad.isfinite().all() for x in (q, k, v))
    assert q.grad is not None and torch.equal(q.grad[:, 1], torch.zeros(2, 4))

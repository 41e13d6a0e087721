"""Faster products: what they change, and that they change nothing else."""

from typing import Any

import pytest
import torch

from agents.ppo.matmul_precision import fast_products, keeps_float32


def setting() -> str:
    backend: Any = torch.backends.mkldnn  # which the type checker does not know to have this attribute
    return backend.matmul.fp32_precision


def test_products_inside_are_as_accurate_as_outside():
    generator = torch.Generator().manual_seed(1)
    a, b = torch.randn(300, 700, generator=generator), torch.randn(700, 200, generator=generator)
    exact = a.double() @ b.double()
    outside = (a @ b - exact).abs().max()
    with fast_products(torch.device("cpu")):
        inside = (a @ b - exact).abs().max()
    # A bfloat16 product would be off by about 0.3.
    assert inside < 10 * outside < 1e-2


def test_the_setting_is_put_back_even_after_an_error():
    before = setting()
    with pytest.raises(ZeroDivisionError), fast_products(torch.device("cpu")):
        assert setting() == ("bf16" if keeps_float32() else before)
        raise ZeroDivisionError
    assert setting() == before
    with fast_products(torch.device("meta")):
        assert setting() == before
    # torch refuses to mix its older switch with this one unless the latter was left as it was.
    assert torch.get_float32_matmul_precision() == "highest"

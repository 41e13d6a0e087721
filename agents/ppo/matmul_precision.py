"""Matrix products at the speed the processor has, where that costs no accuracy.

On some CPUs torch's default library for float32 products (MKL) uses half of the vector unit, while oneDNN,
which torch ships too, uses all of it: 225 instead of 100 GFLOPS on one core of an AMD Zen 5. Allowing
bfloat16 products is how torch is told to take oneDNN; processors without units for those then compute in
plain float32 all the same. Whether that is so here is measured once, and where it is not, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch


@cache
def keeps_float32() -> bool:
    """Measure whether products through oneDNN are as accurate as the default ones."""
    if not torch.backends.mkldnn.is_available():
        return False
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(256, 256, generator=generator) for _ in range(2))
    exact, default = a.double() @ b.double(), a @ b
    with _through_onednn():
        other = a @ b
    # A bfloat16 product is off by a thousand times as much as a float32 one.
    return bool((other - exact).abs().max() <= 4 * (default - exact).abs().max())


@contextmanager
def fast_products(device: torch.device) -> Iterator[None]:
    """Compute large float32 products inside with the faster library; does nothing on other devices."""
    if device.type != "cpu" or not keeps_float32():
        yield
        return
    with _through_onednn():
        yield


@contextmanager
def _through_onednn() -> Iterator[None]:
    backend: Any = torch.backends.mkldnn  # which the type checker does not know to have this attribute
    matmul = backend.matmul
    before = matmul.fp32_precision
    matmul.fp32_precision = "bf16"
    try:
        yield
    finally:
        matmul.fp32_precision = before

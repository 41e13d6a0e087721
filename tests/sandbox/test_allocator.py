"""Freed memory is kept instead of given back."""

import pytest
import torch

from sandbox.allocator import keep_freed_memory


def test_memory_is_kept_where_the_library_can():
    if not keep_freed_memory():
        pytest.skip("the C library is not glibc")
    resource = pytest.importorskip("resource")
    block = torch.empty(2**21)
    del block
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        torch.empty(2**21).zero_()
    # 8 MiB are 2048 pages; given back to the system each time, they would be asked for 50 times.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 20 * 2048

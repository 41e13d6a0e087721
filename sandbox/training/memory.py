"""When the memory is not enough, say what to lower."""

import torch

from sandbox.errors import UserError

ADVICE = (
    "Lower batch_size (half of it is a good next try), compute each batch in parts with accumulate, "
    "or make the pictures or the network smaller."
)


class NotEnoughMemoryError(UserError, MemoryError):
    """The device has no room for what was to be computed."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out: of a GPU, of torch on the CPU, or of Python."""
    # The CPU's allocator raises a plain RuntimeError.
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError)
        and ("DefaultCPUAllocator" in str(error) or "out of memory" in str(error).lower())
    )


def tell_shortage(error: BaseException, when: str) -> None:
    """Raise a sentence that says what to lower if memory ran out; return if `error` says something else.

    Args:
        error: what was caught.
        when: what happened then, such as `at step 3`.

    Raises:
        NotEnoughMemoryError: memory ran out.
    """
    if is_out_of_memory(error) and not isinstance(error, NotEnoughMemoryError):
        raise NotEnoughMemoryError(f"The memory ran out {when}. {ADVICE}") from error

"""torch's compiler stays out of a process that compiles nothing.

The first optimizer imports `torch._dynamo`, and sympy with it, only to mark four of its methods as not to be
compiled. That takes longer than importing torch itself. Here the methods carry their mark from the start, and
ask for the real one as soon as somebody has imported the compiler. An optimizer's own `step` imports it all
the same: what is spared are trainings whose steps are ours, as PPO's are (`agents.policies.flat_parameters`).
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from torch.optim import Optimizer

METHODS = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")
"""Of an optimizer, never to be compiled."""
MARK = "__dynamo_disable"
"""Attribute of a method in which torch keeps what the compiler made of it when it was first called."""


def keep_out() -> None:
    """Let optimizers do without the compiler until it is there; where torch works otherwise, do nothing."""
    for name in METHODS:
        method = getattr(Optimizer, name)
        plain = getattr(method, "__wrapped__", None)
        if plain is not None and not hasattr(plain, MARK):
            setattr(plain, MARK, _unless_imported(plain, method))


def _unless_imported(plain: Callable[..., Any], method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(plain)
    def call(*args: Any, **kwargs: Any) -> Any:
        if "torch._dynamo" not in sys.modules:
            return plain(*args, **kwargs)
        if getattr(plain, MARK, None) is call:
            delattr(plain, MARK)
        return method(*args, **kwargs)

    return call

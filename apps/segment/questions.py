"""What answers questions of this page's lesson besides the studio's own."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from apps.studio.page.run_view import RunView
from sandbox.blocks.unet import UNet


def without_skips(view: RunView) -> float:
    """The main figure of the network whose skips bring nothing."""
    model: Any = view.predictor.model
    body: Any = next(module for module in model.modules() if isinstance(module, UNet))

    def forget(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        joined: Tensor = inputs[0].clone()
        joined[:, joined.shape[1] // 2 :] = 0  # what comes from below stands first
        return joined, *inputs[1:]

    metric = view.task.metric
    handles = [stage.register_forward_pre_hook(forget) for stage in body.up]
    try:
        return metric.scale * view.task.measure(view.predictor, view.split.test)[metric.name].mean
    finally:
        for handle in handles:
            handle.remove()

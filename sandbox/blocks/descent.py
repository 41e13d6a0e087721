"""Gradient descent and its descendants, written to be read. Cauchy 1847; Robbins & Monro 1951.

With gradient g, learning rate a, and everything per number of every parameter p:

    SGD        p <- p - a g
    Momentum   v <- m v + g;  p <- p - a v                                          Polyak 1964
    Nesterov   v <- m v + g;  p <- p - a (g + m v)                                  Nesterov 1983
    RMSprop    s <- r s + (1 - r) g^2;  p <- p - a g / (sqrt(s) + e)                Tieleman & Hinton 2012
    Adam       v <- b1 v + (1 - b1) g;  s <- b2 s + (1 - b2) g^2                    Kingma & Ba 2015
               p <- p - a (v / (1 - b1^t)) / (sqrt(s / (1 - b2^t)) + e)
    AdamW      p <- p - a w p, then Adam                                            Loshchilov & Hutter 2019

Each is a `torch.optim.Optimizer`, so schedules, `state_dict` and learners work on it; step by step they equal
torch's own, which are faster on a GPU. `Surface` is something to watch them descend.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from sandbox.errors import check_choice


class Descent(torch.optim.Optimizer):
    """The loop that all share: for every parameter with a gradient, `move` it."""

    def __init__(self, params: Iterable[Any], **settings: float) -> None:
        super().__init__(params, settings)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter once; `closure`, if given, computes loss and gradients first."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self.move(parameter, parameter.grad, self.state[parameter], group)
        return loss

    def move(self, p: Tensor, g: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """Change `p` in place, given its gradient, what is remembered about it, and the settings."""
        raise NotImplementedError


class SGD(Descent):
    """Straight down the slope. Robbins & Monro 1951."""

    def __init__(self, params: Iterable[Any], lr: float = 1e-2) -> None:
        super().__init__(params, lr=lr)

    def move(self, p: Tensor, g: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """One step: p <- p - a g."""
        p -= settings["lr"] * g


class Momentum(Descent):
    """A heavy ball: past gradients push on, and shaking cancels out. Polyak 1964."""

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, momentum: float = 0.9) -> None:
        super().__init__(params, lr=lr, momentum=momentum)

    def move(self, p: Tensor, g: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """One step: v <- m v + g; p <- p - a v."""
        v = state["velocity"] = settings["momentum"] * state.get("velocity", 0.0) + g
        p -= settings["lr"] * v


class Nesterov(Descent):
    """Momentum that looks ahead: the slope counts once more where the ball is going. Nesterov 1983."""

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, momentum: float = 0.9) -> None:
        super().__init__(params, lr=lr, momentum=momentum)

    def move(self, p: Tensor, g: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """One step: v <- m v + g; p <- p - a (g + m v)."""
        v = state["velocity"] = settings["momentum"] * state.get("velocity", 0.0) + g
        p -= settings["lr"] * (g + settings["momentum"] * v)


class RMSprop(Descent):
    """Divide by the recent size of the slope: all directions move alike. Tieleman & Hinton 2012."""

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-2, decay: float = 0.99, eps: float = 1e-8
    ) -> None:
        super().__init__(params, lr=lr, decay=decay, eps=eps)

    def move(self, p: Tensor, g: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """One step: s <- r s + (1 - r) g^2; p <- p - a g / (sqrt(s) + e)."""
        r = settings["decay"]
        s = state["square"] = r * state.get("square", 0.0) + (1 - r) * g * g
        p -= settings["lr"] * g / (s.sqrt() + settings["eps"])


class Adam(Descent):
    """Momentum and RMSprop together, both corrected for their start at zero. Kingma & Ba 2015."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(params, lr=lr, beta1=beta1, beta2=beta2, eps=eps)

    def move(self, p: Tensor, g: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """One step: p <- p - a (v / (1 - b1^t)) / (sqrt(s / (1 - b2^t)) + e)."""
        p -= settings["lr"] * _adam_direction(g, state, settings)


class AdamW(Descent):
    """Adam after every weight has shrunk by a fixed share. Loshchilov & Hutter 2019.

    Adding w p to the gradient instead, as weight decay is done with SGD, would be divided by sqrt(s) in Adam
    and shrink the weights with large gradients least.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)

    def move(self, p: Tensor, g: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """One step: p <- p - a w p, then as Adam."""
        p -= settings["lr"] * settings["weight_decay"] * p
        p -= settings["lr"] * _adam_direction(g, state, settings)


def _adam_direction(g: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> Tensor:
    b1, b2 = settings["beta1"], settings["beta2"]
    t = state["step"] = state.get("step", 0) + 1
    v = state["velocity"] = b1 * state.get("velocity", 0.0) + (1 - b1) * g
    s = state["square"] = b2 * state.get("square", 0.0) + (1 - b2) * g * g
    return (v / (1 - b1**t)) / ((s / (1 - b2**t)).sqrt() + settings["eps"])


OPTIMIZERS: dict[str, type[Descent]] = {
    each.__name__.lower(): each for each in (SGD, Momentum, Nesterov, RMSprop, Adam, AdamW)
}


def _valley(x: Tensor, y: Tensor) -> Tensor:
    return 0.5 * (x**2 + 25 * y**2)


def _rosenbrock(x: Tensor, y: Tensor) -> Tensor:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _beale(x: Tensor, y: Tensor) -> Tensor:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _himmelblau(x: Tensor, y: Tensor) -> Tensor:
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _saddle(x: Tensor, y: Tensor) -> Tensor:
    return x**2 - y**2 + 0.25 * y**4 + 1


def _rastrigin(x: Tensor, y: Tensor) -> Tensor:
    return 20 + x**2 + y**2 - 10 * (torch.cos(2 * torch.pi * x) + torch.cos(2 * torch.pi * y))


class Surface(nn.Module):
    """A landscape over the plane with known minima, and a position on it that an optimiser moves.

    `valley` is 25 times steeper across than along; `rosenbrock` (1960) bends that valley; `beale` (1958) is
    flat far out; `himmelblau` (1972) has four minima, `rastrigin` (1974) a hundred local ones; `saddle` is
    flat at its start and falls away to both sides. All minima have height 0.

    Args:
        name: one of `Surface.KINDS`.
        start: where to begin; the surface's usual place if None.

    Attributes:
        position: (x, y), the parameter.
    """

    KINDS: ClassVar[dict[str, tuple[Callable[[Tensor, Tensor], Tensor], tuple[float, float]]]] = {
        "valley": (_valley, (-4.0, 1.5)),
        "rosenbrock": (_rosenbrock, (-1.2, 1.0)),
        "beale": (_beale, (1.0, 1.5)),
        "himmelblau": (_himmelblau, (-0.5, -1.0)),
        "saddle": (_saddle, (-1.5, 0.01)),
        "rastrigin": (_rastrigin, (2.3, -1.6)),
    }
    MINIMA: ClassVar[dict[str, tuple[tuple[float, float], ...]]] = {
        "valley": ((0.0, 0.0),),
        "rosenbrock": ((1.0, 1.0),),
        "beale": ((3.0, 0.5),),
        "himmelblau": ((3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)),
        "saddle": ((0.0, 2**0.5), (0.0, -(2**0.5))),
        "rastrigin": ((0.0, 0.0),),
    }

    def __init__(self, name: str = "valley", start: tuple[float, float] | None = None) -> None:
        super().__init__()
        check_choice("surface", name, self.KINDS)
        self.name = name
        self.height, usual = self.KINDS[name]
        self.position = nn.Parameter(torch.tensor(usual if start is None else start))

    def forward(self, offset: Float[Tensor, "*B 2"] | None = None) -> Float[Tensor, "*B"]:
        """Height at the position, or at the position plus each offset (for a map around it)."""
        place = self.position if offset is None else self.position + offset
        return self.height(place[..., 0], place[..., 1])


def race(
    surface: Surface, optimizer: torch.optim.Optimizer, steps: int
) -> tuple[Float[Tensor, "T 2"], Float[Tensor, " T"]]:
    """Let an optimiser descend, and keep its path.

    Args:
        surface: what is descended; its position moves.
        optimizer: one over `surface.parameters()`, of this file or of torch.
        steps: how many.

    Returns:
        The steps + 1 positions and the heights there.
    """
    path, heights = [], []
    for _ in range(steps):
        optimizer.zero_grad()
        height = surface()
        path.append(surface.position.detach().clone())
        heights.append(height.detach())
        height.backward()
        optimizer.step()
    path.append(surface.position.detach().clone())
    heights.append(surface().detach())
    return torch.stack(path), torch.stack(heights)


def example() -> tuple[Surface, tuple[Tensor, ...]]:
    """Heights around the start of a valley."""
    return Surface("valley"), (torch.randn(5, 2),)

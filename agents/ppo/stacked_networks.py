"""Several policies of one shape as one batched product: weights (S, out, in), gradients written out by hand.

Policy m of the stack computes what `agents.ppo.backbones.Towers` computes of it alone, to rounding.
Parameters, gradients and Adam's moments of all policies are the rows of four (S, P) tensors, and the
policies' own parameters are views of them: a policy can be looked at and saved at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Float, Shaped
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.preprocessing import preprocess_obs
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import Tensor, nn

from agents.flat_spaces import FlatActions
from agents.policies.action_heads import CategoricalHead, GaussianHead
from agents.ppo.backbones import Towers, _activation, _linears


class StackedTowers:
    """The actors' and critics' MLPs of S policies.

    Args:
        policies: of equal shape; `Towers.supports` accepts each, without learned features.

    Attributes:
        values: (S, P), all parameters.
        grads: (S, P).
    """

    def __init__(self, policies: Sequence[ActorCriticPolicy]) -> None:
        self.policies = list(policies)
        first = self.policies[0]
        self.tanh = _activation(first.mlp_extractor.policy_net) is nn.Tanh
        self.parameters = [_in_order(policy) for policy in self.policies]
        self.values = torch.stack(
            [torch.cat([p.detach().reshape(-1) for p in own]) for own in self.parameters]
        )
        self.grads = torch.zeros_like(self.values)
        for own, row in zip(self.parameters, self.values, strict=True):
            for parameter, view in zip(own, self.views_of(row), strict=True):
                parameter.data = view
                parameter.grad = None
        depth = len(_linears(first.mlp_extractor.policy_net))
        columns = iter(self._columns())
        self.towers = [[(next(columns), next(columns)) for _ in range(depth)] for _ in range(2)]
        self.heads = [(next(columns), next(columns)) for _ in range(2)]
        self.log_std = next(columns, None)
        self.saved: list[list[Tensor]] = []

    def views_of(self, row: Float[Tensor, " P"]) -> list[Tensor]:
        """Cut a policy's row of any such tensor into one view per parameter."""
        own = self.parameters[0]
        return [part.view_as(p) for part, p in zip(row.split([p.numel() for p in own]), own, strict=True)]

    def _columns(self) -> list[Tensor]:
        """Views of `values`: weights (S, out, in), biases and log_std (S, 1, out)."""
        own = self.parameters[0]
        parts = self.values.split([p.numel() for p in own], 1)
        return [
            part.unflatten(1, p.shape if p.dim() == 2 else (1, -1))
            for part, p in zip(parts, own, strict=True)
        ]

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B D"]:
        """Convert raw observations to flat floats, as `Towers.prepare` does."""
        policy, space = self.policies[0], self.policies[0].observation_space
        if isinstance(space, spaces.Box) and space.dtype == np.float32:
            return obs.reshape(len(obs), -1)  # nothing to convert, and it is asked for at every step
        ready = preprocess_obs(obs, space, normalize_images=policy.normalize_images)
        assert isinstance(ready, Tensor)
        return ready.reshape(len(obs), -1)

    def _hidden(self, h: Float[Tensor, "S B D"], which: int) -> list[Tensor]:
        kept = [h]
        for weight, bias in self.towers[which]:
            if self.tanh:
                # 2 sigmoid(2x) - 1, as in Towers.
                h = torch.baddbmm(bias, h, weight.mT, beta=2, alpha=2).sigmoid_().mul_(2).sub_(1)
            else:
                h = torch.baddbmm(bias, h, weight.mT).relu_()
            kept.append(h)
        return kept

    def _head(self, h: Tensor, which: int) -> Tensor:
        weight, bias = self.heads[which]
        return torch.baddbmm(bias, h, weight.mT)

    def act(self, prepared: Float[Tensor, "S B D"]) -> Float[Tensor, "S B K"]:
        """Return the action nets' outputs."""
        return self._head(self._hidden(prepared, 0)[-1], 0)

    def actor(self, chosen: Sequence[int]) -> Callable[[Tensor], Tensor]:
        """Return `act` of C chosen policies as they are now: (C, B, D) to (C, B, K)."""
        rows = torch.as_tensor(chosen)
        few = object.__new__(StackedTowers)
        few.tanh, few.saved = self.tanh, []
        few.towers = [[(weight[rows], bias[rows]) for weight, bias in self.towers[0]]]
        few.heads = [(self.heads[0][0][rows], self.heads[0][1][rows])]
        return few.act

    def evaluate(self, prepared: Float[Tensor, "S B D"]) -> Float[Tensor, "S B"]:
        """Return values."""
        return self._head(self._hidden(prepared, 1)[-1], 1)[..., 0]

    def forward(self, batch: Float[Tensor, "S B D"]) -> tuple[Float[Tensor, "S B K"], Float[Tensor, "S B"]]:
        """Return the outputs and values of each policy's minibatch, and remember what `backward` needs."""
        self.saved = [self._hidden(batch, 0), self._hidden(batch, 1)]
        return self._head(self.saved[0][-1], 0), self._head(self.saved[1][-1], 1)[..., 0]

    def backward(self, grad_outputs: Float[Tensor, "S B K"], grad_values: Float[Tensor, "S B"]) -> None:
        """Write the gradients into `grads`, those of `log_std` included if the head has left them there."""
        slope = torch.ops.aten.tanh_backward if self.tanh else torch.ops.aten.threshold_backward
        threshold = () if self.tanh else (0,)
        found: list[Tensor] = []
        of_heads: list[Tensor] = []
        for which, at_head in enumerate((grad_outputs, grad_values[..., None])):
            kept = self.saved[which]
            of_heads += [torch.bmm(at_head.mT, kept[-1]), at_head.sum(1)]
            grad = torch.bmm(at_head, self.heads[which][0])
            layers: list[Tensor] = []
            for i in reversed(range(len(self.towers[which]))):
                grad = slope(grad, kept[i + 1], *threshold)
                layers = [torch.bmm(grad.mT, kept[i]), grad.sum(1), *layers]
                if i:
                    grad = torch.bmm(grad, self.towers[which][i][0])
            found += layers
        found += of_heads
        if self.log_std is not None:
            assert self.log_std.grad is not None
            found.append(self.log_std.grad)
        torch.cat([grad.flatten(1) for grad in found], 1, out=self.grads)


class StackedHead:
    """The action distributions of the stack.

    Args:
        space: `Discrete` or `Box`.
        networks: the stack; of a `Box` its `log_std` is given a gradient.
    """

    def __init__(self, space: spaces.Space, networks: StackedTowers) -> None:
        if isinstance(space, spaces.Discrete):
            self.head: CategoricalHead | GaussianHead = CategoricalHead()
        else:
            assert networks.log_std is not None
            log_std = networks.log_std.detach().requires_grad_()
            log_std.grad = torch.zeros_like(log_std)
            networks.log_std = log_std
            self.head = GaussianHead(log_std)
        self.evaluate, self.backward, self.best = self.head.evaluate, self.head.backward, self.head.best

    def draw(self, outputs: Float[Tensor, "S N K"], generators: Sequence[torch.Generator]) -> Tensor:
        """Draw actions (S, N) or (S, N, K), each policy's from its own generator as `Head.sample` would."""
        noise = torch.empty_like(outputs, memory_format=torch.contiguous_format)
        if isinstance(self.head, CategoricalHead):
            for row, generator in zip(noise, generators, strict=True):
                row.exponential_(generator=generator)
            return torch.softmax(outputs, -1).div_(noise).argmax(-1)
        for row, generator in zip(noise, generators, strict=True):
            row.normal_(generator=generator)
        return noise.mul_(self.head.log_std.exp()).add_(outputs)


class StackedAdam:
    """Clipping and one Adam step for the whole stack; all policies have made the same number of steps.

    Args:
        networks: the stack.
        optimizers: a plain `torch.optim.Adam` of each policy; `write_back` brings their state up to date.
    """

    def __init__(self, networks: StackedTowers, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self.networks, self.optimizers = networks, list(optimizers)
        self.exp_avg, self.exp_avg_sq = torch.zeros_like(networks.values), torch.zeros_like(networks.values)
        self.count = 0
        for name, moments in (("exp_avg", self.exp_avg), ("exp_avg_sq", self.exp_avg_sq)):
            for optimizer, own, row in zip(self.optimizers, networks.parameters, moments, strict=True):
                for parameter, view in zip(own, networks.views_of(row), strict=True):
                    if state := optimizer.state.get(parameter):
                        view.copy_(state[name])
                        self.count = int(state["step"])

    def write_back(self) -> None:
        """Put the moments and the number of steps into the optimizers."""
        rows = zip(self.optimizers, self.networks.parameters, self.exp_avg, self.exp_avg_sq, strict=True)
        for optimizer, own, averages, squares in rows:
            views = zip(own, self.networks.views_of(averages), self.networks.views_of(squares), strict=True)
            for parameter, average, square in views:
                optimizer.state[parameter].update(
                    step=torch.tensor(float(self.count)), exp_avg=average.clone(), exp_avg_sq=square.clone()
                )

    def step(self, max_grad_norm: float) -> None:
        """Clip each policy's gradient by its own norm, and apply it."""
        networks, group = self.networks, self.optimizers[0].param_groups[0]
        grads = networks.grads
        norm = torch.linalg.vector_norm(grads, dim=1, keepdim=True)
        grads.mul_((max_grad_norm / (norm + 1e-6)).clamp_(max=1.0))
        beta1, beta2 = group["betas"]
        self.count += 1
        self.exp_avg.lerp_(grads, 1 - beta1)
        self.exp_avg_sq.mul_(beta2).addcmul_(grads, grads, value=1 - beta2)
        scale = (1 - beta2**self.count) ** 0.5
        denominator = self.exp_avg_sq.sqrt().add_(scale * group["eps"])
        step_size = scale * group["lr"] / (1 - beta1**self.count)
        networks.values.addcdiv_(self.exp_avg, denominator, value=-step_size)


def _in_order(policy: ActorCriticPolicy) -> list[nn.Parameter]:
    """Parameters of actor tower, critic tower, heads, and log_std if there is one."""
    nets = (policy.mlp_extractor.policy_net, policy.mlp_extractor.value_net)
    layers = [*(layer for net in nets for layer in _linears(net)), policy.action_net, policy.value_net]
    found: list[nn.Parameter] = []
    for layer in layers:
        assert isinstance(layer, nn.Linear)
        found += [layer.weight, layer.bias]
    log_std = getattr(policy, "log_std", None)
    return [*found, log_std] if isinstance(log_std, nn.Parameter) else found


def supports(policy: ActorCriticPolicy) -> bool:
    """Tell whether a policy can be one of a stack: two plain MLPs over flat observations, discrete or Box."""
    if type(policy.features_extractor) is not FlattenExtractor or getattr(policy, "return_scale", None):
        return False  # moments run of one policy at a time
    if isinstance(policy.action_space, FlatActions):
        return False
    known = sum(p.numel() for p in _in_order(policy)) if Towers.supports(policy) else -1
    return known == sum(p.numel() for p in policy.parameters()) and isinstance(
        policy.action_space, spaces.Discrete | spaces.Box
    )

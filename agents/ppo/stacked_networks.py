"""Several policies of one shape as one batched product: weights (S, out, in), gradients written out by hand.

Policy m of the stack computes what `agents.ppo.backbones.Towers` computes of it alone, to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

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
from agents.ppo.stacked_parameters import Slots, StackedParameters
from agents.ppo.towers import Towers, _activation, _linears

MINUS_ONE = torch.tensor(-1.0)


@runtime_checkable
class StackedNetworks(Protocol):
    """What `agents.ppo.stacked.StackedPPO` asks of the networks of S policies."""

    stack: StackedParameters
    num_outputs: int
    """K, outputs of each action net."""
    values_while_acting: bool
    """Whether `act` returns values, too; else they are left to one large batch at the end of a rollout."""
    wide: bool
    """Whether the products are large enough for `fast_products`."""

    def prepare(self, obs: Tensor) -> Tensor:
        """Convert raw observations (B, *shape) once, before they are shuffled into minibatches."""
        ...

    def act(self, prepared: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the action nets' outputs (S, B, K) for (S, B, ...), and values (S, B) if they come along."""
        ...

    def actor(self, chosen: Sequence[int]) -> Callable[[Tensor], Tensor]:
        """Return what gives outputs (C, B, K) of C chosen policies as they are now."""
        ...

    def evaluate(self, prepared: Tensor) -> Tensor:
        """Return values (S, B)."""
        ...

    def forward(self, batch: Any) -> tuple[Tensor, Tensor]:
        """Return outputs and values of each policy's minibatch, and remember what `backward` needs."""
        ...

    def backward(self, grad_outputs: Tensor, grad_values: Tensor) -> None:
        """Write the gradients, except that of `log_std`, into `stack.grads`."""
        ...


class StackedTowers:
    """The actors' and critics' MLPs of S policies, as 2 S MLPs: rows of actors and critics in turns.

    A critic has as many outputs as an actor, of which all but the first are zero and stay so.

    Args:
        policies: of equal shape; `Towers.supports` accepts each, without learned features.
    """

    values_while_acting = False
    wide = False

    def __init__(self, policies: Sequence[ActorCriticPolicy]) -> None:
        self.policy = policies[0]
        self.tanh = _activation(self.policy.mlp_extractor.policy_net) is nn.Tanh
        self.stack = StackedParameters([_slots(policy) for policy in policies])
        self.num_outputs = self.stack.shapes[2 * _depth(self.policy)][0]
        self.layers, self.grads = self._layers(self.stack.values), self._layers(self.stack.grads)
        actors = [(weight[::2], bias[::2]) for weight, bias in self.layers]
        critics = [(weight[1::2], bias[1::2]) for weight, bias in self.layers]
        self.sides = actors, critics
        self.buffers: dict[int, list[tuple[Tensor, Tensor]]] = {}
        self.saved: list[Tensor] = []

    def _layers(self, block: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Weights (2 S, out, in) and biases (2 S, 1, out) of all layers, the heads last."""
        place = self.stack.place
        depth = _depth(self.policy) + 1
        return [(place(block, 2 * i), place(block, 2 * i + 1)[:, None]) for i in range(depth)]

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B D"]:
        """Convert raw observations to flat floats, as `Towers.prepare` does."""
        policy, space = self.policy, self.policy.observation_space
        if isinstance(space, spaces.Box) and space.dtype == np.float32:
            return obs.flatten(1)  # nothing to convert, and it is asked for at every step
        ready = preprocess_obs(obs, space, normalize_images=policy.normalize_images)
        assert isinstance(ready, Tensor)
        return ready.reshape(len(obs), -1)

    def _bend(self, h: Tensor) -> Tensor:
        # 2 sigmoid(2x) - 1, as in Towers; the inner 2 is in the product already.
        return torch.add(MINUS_ONE, h.sigmoid_(), alpha=2, out=h) if self.tanh else h.relu_()

    def _run(self, h: Float[Tensor, "C B D"], layers: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        scale = 2 if self.tanh else 1
        for weight, bias in layers[:-1]:
            h = self._bend(torch.baddbmm(bias, h, weight.mT, beta=scale, alpha=scale))
        weight, bias = layers[-1]
        return torch.baddbmm(bias, h, weight.mT)

    def act(self, prepared: Float[Tensor, "S B D"]) -> tuple[Float[Tensor, "S B K"], None]:
        """Return the action nets' outputs; values wait for one large batch."""
        return self._run(prepared, self.sides[0]), None

    def actor(self, chosen: Sequence[int]) -> Callable[[Tensor], Tensor]:
        """Return outputs (C, B, K) of C chosen policies as they are now, for (C, B, D)."""
        rows = torch.as_tensor(chosen)
        layers = [(weight[rows], bias[rows]) for weight, bias in self.sides[0]]
        return lambda prepared: self._run(prepared, layers)

    def evaluate(self, prepared: Float[Tensor, "S B D"]) -> Float[Tensor, "S B"]:
        """Return values."""
        return self._run(prepared, self.sides[1])[..., 0]

    def _memory(self, batch: int) -> list[tuple[Tensor, Tensor]]:
        """For each layer its outputs (2 S, B, out) and their gradient, in memory that is used again.

        Those of the heads are (2 S, out, B): with so few outputs, products take half as long that way round.
        """
        if batch not in self.buffers:
            *hidden, last = (weight.shape[1] for weight, _ in self.layers)
            shapes = [(len(self.stack.values), batch, width) for width in hidden]
            shapes.append((len(self.stack.values), last, batch))
            self.buffers[batch] = [(torch.zeros(shape), torch.zeros(shape)) for shape in shapes]
        return self.buffers[batch]

    def forward(self, batch: Float[Tensor, "S B D"]) -> tuple[Float[Tensor, "S B K"], Float[Tensor, "S B"]]:
        """Return the outputs and values of each policy's minibatch; valid until the next call."""
        kept = self._memory(batch.shape[1])
        scale = 2 if self.tanh else 1
        h = batch.repeat_interleave(2, 0)  # actor and critic look at the same observations
        self.saved = [h]
        for (weight, bias), (out, _) in zip(self.layers[:-1], kept[:-1], strict=True):
            h = self._bend(torch.baddbmm(bias, h, weight.mT, beta=scale, alpha=scale, out=out))
            self.saved.append(h)
        weight, bias = self.layers[-1]
        out = torch.baddbmm(bias.mT, weight, h.mT, out=kept[-1][0])
        return out[::2].mT, out[1::2, 0]

    def backward(self, grad_outputs: Float[Tensor, "S B K"], grad_values: Float[Tensor, "S B"]) -> None:
        """Write the gradients."""
        kept = self._memory(grad_values.shape[1])
        slope = torch.ops.aten.tanh_backward if self.tanh else torch.ops.aten.threshold_backward
        threshold = () if self.tanh else (0,)
        last = kept[-1][1]
        last[::2], last[1::2, 0] = grad_outputs.mT, grad_values
        grad = last.mT
        for i in reversed(range(1, len(self.layers))):
            weight_grad, bias_grad = self.grads[i]
            torch.bmm(grad.mT, self.saved[i], out=weight_grad)
            torch.sum(grad, 1, keepdim=True, out=bias_grad)
            grad = torch.bmm(grad, self.layers[i][0], out=kept[i - 1][1])
            slope.grad_input(grad, self.saved[i], *threshold, grad_input=grad)
        weight_grad, bias_grad = self.grads[0]
        torch.sum(grad, 1, keepdim=True, out=bias_grad)
        # The other way round, `grad.mT @ observations`, takes five times as long for few observations.
        weight_grad.copy_(torch.bmm(self.saved[0].mT, grad).mT)


class StackedHead:
    """The action distributions of the stack.

    Args:
        space: `Discrete` or `Box`.
        stack: the parameters; of a `Box` the first rows end with `log_std`.
    """

    def __init__(self, space: spaces.Space, stack: StackedParameters) -> None:
        if isinstance(space, spaces.Discrete):
            self.head: CategoricalHead | GaussianHead = CategoricalHead()
        else:
            values, grads = (
                stack.place(block, len(stack.shapes) - 1)[:: stack.rows, None]
                for block in (stack.values, stack.grads)
            )
            log_std = values.detach().requires_grad_()
            log_std.grad = grads
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


def _depth(policy: ActorCriticPolicy) -> int:
    return len(_linears(policy.mlp_extractor.policy_net))


def _slots(policy: ActorCriticPolicy) -> Slots:
    """Actor's tower and head, then the critic's; `log_std`, if there is one, with the actor."""
    found: Slots = []
    actor, critic = policy.action_net, policy.value_net
    assert isinstance(actor, nn.Linear)
    for net, head in ((policy.mlp_extractor.policy_net, actor), (policy.mlp_extractor.value_net, critic)):
        own = [parameter for layer in _linears(net) for parameter in (layer.weight, layer.bias)]
        row = [(parameter, tuple(parameter.shape)) for parameter in own]
        assert isinstance(head, nn.Linear)
        row += [(head.weight, tuple(actor.weight.shape)), (head.bias, tuple(actor.bias.shape))]
        found.append(row)
    if (log_std := log_std_of(policy)) is not None:
        found[0].append((log_std, tuple(log_std.shape)))
    return found


def log_std_of(policy: ActorCriticPolicy) -> nn.Parameter | None:
    """Return the learned spread of a policy's continuous actions, if it has one."""
    log_std = getattr(policy, "log_std", None)
    return log_std if isinstance(log_std, nn.Parameter) else None


def is_covered(policy: ActorCriticPolicy, slots: Slots) -> bool:
    """Tell whether these are all of a policy's parameters, and its actions are of a kind that is stacked."""
    space, known = policy.action_space, {id(p) for row in slots for p, _ in row}
    return (
        known == {id(p) for p in policy.parameters()}
        and isinstance(space, spaces.Discrete | spaces.Box)
        and not isinstance(space, FlatActions)
        and not getattr(policy, "return_scale", None)  # moments run of one policy at a time
    )


def supports(policy: ActorCriticPolicy) -> bool:
    """Tell whether a policy can be one of a stack: two plain MLPs over flat observations."""
    flat = type(policy.features_extractor) is FlattenExtractor
    return flat and Towers.supports(policy) and is_covered(policy, _slots(policy))

"""Several CNN policies as one: convolutions policy by policy, all that follows as one batched product.

Policy m of the stack computes what `agents.ppo.backbones.Autograd` computes of it alone, to rounding,
without a graph. The library's convolution is called once for each policy: one grouped convolution, or
pictures unfolded into rows for a batched product, took two to six times as long for 2,048 pictures. With
minibatches of that size nine tenths of an update are in these library calls, and a stack gains little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float, Shaped
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.preprocessing import preprocess_obs
from torch import Tensor, nn

from agents.policies import BlockCnnPolicy, CnnFeatures
from agents.ppo.stacked_networks import is_covered, log_std_of
from agents.ppo.stacked_parameters import Slots, StackedParameters


class StackedCnns:
    """The CNN block and the two linear heads of S policies.

    Args:
        policies: of equal shape; `supports` accepts each.
        turned: whether raw pictures come as (H, W, C) to policies whose space is (C, H, W).
    """

    values_while_acting = True
    wide = True

    def __init__(self, policies: Sequence[ActorCriticPolicy], turned: bool) -> None:
        self.policy = policies[0]
        features = self.policy.features_extractor
        assert isinstance(features, CnnFeatures)
        self.turned, self.last = turned, features.channels_last
        self.convolutions: list[Any] = [stage[0] for stage in _stages(features)]
        self.stack = StackedParameters([_slots(policy) for policy in policies])
        self.num_outputs = int(self.policy.action_net.weight.shape[0])  # type: ignore[union-attr,arg-type]
        self.filters, self.layers = self._layers(self.stack.values)
        self.filter_grads, self.grads = self._layers(self.stack.grads)
        self.maps: list[list[Tensor]] = []
        self.saved: list[Tensor] = []

    def _layers(self, block: Tensor) -> tuple[list[list[Tensor]], list[list[Tensor]]]:
        """Filters (S, out, in, k, k) with biases (S, out); dense weights (S, out, in) with (S, 1, out).

        The two heads are one layer, of K + 1 outputs.
        """
        stack, count = self.stack, len(self.convolutions)
        places = [stack.place(block, i) for i in range(len(stack.shapes))]
        filters = [places[2 * i : 2 * i + 2] for i in range(count)]
        end = len(places) - (log_std_of(self.policy) is not None)
        dense = [[places[i], places[i + 1][:, None]] for i in range(2 * count, end - 4, 2)]
        width = stack.starts
        starts = width[end - 4], width[end - 2], width[end]
        head, bias = (block[:, a:b] for a, b in pairwise(starts))
        dense.append([head.unflatten(1, (self.num_outputs + 1, -1)), bias[:, None]])
        return filters, dense

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Shaped[Tensor, "B ..."]:
        """Keep raw observations: as bytes, pictures are a quarter of the memory to shuffle."""
        return obs

    def _pictures(self, obs: Shaped[Tensor, "B _ _ _"]) -> Float[Tensor, "B C H W"]:
        obs = obs.permute(0, 3, 1, 2) if self.turned else obs
        policy = self.policy
        ready = preprocess_obs(obs, policy.observation_space, normalize_images=policy.normalize_images)
        assert isinstance(ready, Tensor)
        ready = ready.permute(0, 3, 1, 2) if self.last else ready
        return ready.contiguous(memory_format=torch.channels_last)

    def _convolve(self, pictures: Tensor, filters: Sequence[Sequence[Tensor]], m: int) -> list[Tensor]:
        """Return what one policy's convolutions see and make of it: (B, C, H, W) each."""
        kept = [pictures]
        for layer, (weight, bias) in zip(self.convolutions, filters, strict=True):
            maps = torch.conv2d(kept[-1], weight[m], bias[m], layer.stride, layer.padding)
            kept.append(maps.relu_())
        return kept

    def _first(self, kept: Sequence[Tensor], layer: Sequence[Tensor], m: int, out: Tensor) -> None:
        """The first dense layer reads the maps as they lie in memory, (H, W, C)."""
        weight, bias = layer
        torch.addmm(bias[m], _rows(kept[-1]), weight[m].t(), out=out)

    def _rest(self, h: Float[Tensor, "C B F"], layers: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """Return what the layers behind the first see, and at last outputs and values (C, B, K + 1)."""
        kept = [h]
        for weight, bias in layers:
            kept[-1].relu_()
            kept.append(torch.baddbmm(bias, kept[-1], weight.mT))
        return kept

    def _run(
        self,
        prepared: Shaped[Tensor, "C B ..."],
        filters: Sequence[Sequence[Tensor]],
        layers: Sequence[Sequence[Tensor]],
        keep: bool = False,
    ) -> Float[Tensor, "C B K1"]:
        count, batch = prepared.shape[:2]
        h = torch.empty(count, batch, layers[0][0].shape[1])
        maps = []
        for m in range(count):
            kept = self._convolve(self._pictures(prepared[m]), filters, m)
            self._first(kept, layers[0], m, h[m])
            if keep:
                maps.append(kept)
        rest = self._rest(h, layers[1:])
        if keep:
            self.maps, self.saved = maps, rest[:-1]
        return rest[-1]

    def act(self, prepared: Shaped[Tensor, "S B ..."]) -> tuple[Float[Tensor, "S B K"], Float[Tensor, "S B"]]:
        """Return outputs and values; the features are shared, so both come from one pass."""
        found = self._run(prepared, self.filters, self.layers)
        return found[..., :-1], found[..., -1]

    def actor(self, chosen: Sequence[int]) -> Callable[[Tensor], Tensor]:
        """Return outputs (C, B, K) of C chosen policies as they are now, for (C, B, ...)."""
        rows = torch.as_tensor(chosen)
        filters, layers = ([[p[rows] for p in pair] for pair in part] for part in (self.filters, self.layers))
        return lambda prepared: self._run(prepared, filters, layers)[..., :-1]

    def evaluate(self, prepared: Shaped[Tensor, "S B ..."]) -> Float[Tensor, "S B"]:
        """Return values."""
        return self._run(prepared, self.filters, self.layers)[..., -1]

    def forward(
        self, batch: Shaped[Tensor, "S B ..."]
    ) -> tuple[Float[Tensor, "S B K"], Float[Tensor, "S B"]]:
        """Return the outputs and values of each policy's minibatch."""
        found = self._run(batch, self.filters, self.layers, keep=True)
        return found[..., :-1], found[..., -1]

    def backward(self, grad_outputs: Float[Tensor, "S B K"], grad_values: Float[Tensor, "S B"]) -> None:
        """Write the gradients."""
        grad = torch.cat([grad_outputs, grad_values[..., None]], -1)
        for i in reversed(range(1, len(self.layers))):
            weight_grad, bias_grad = self.grads[i]
            seen = self.saved[i - 1]
            torch.bmm(grad.mT, seen, out=weight_grad)
            torch.sum(grad, 1, keepdim=True, out=bias_grad)
            grad = torch.bmm(grad, self.layers[i][0])
            _bend_back(grad, seen)
        weight_grad, bias_grad = self.grads[0]
        torch.sum(grad, 1, keepdim=True, out=bias_grad)
        behind = torch.empty_like(_rows(self.maps[0][-1]))  # for one policy after the other
        for m, kept in enumerate(self.maps):
            torch.mm(grad[m].t(), _rows(kept[-1]), out=weight_grad[m])
            torch.mm(grad[m], self.layers[0][0][m], out=behind)
            self._back_through_maps(behind, kept, m)
        self.maps = []

    def _back_through_maps(self, grad: Float[Tensor, "B D"], kept: Sequence[Tensor], m: int) -> None:
        _bend_back(grad, _rows(kept[-1]))
        _, channels, height, width = kept[-1].shape
        maps = grad.unflatten(1, (height, width, channels)).permute(0, 3, 1, 2)
        for i in reversed(range(len(self.convolutions))):
            layer, weight = self.convolutions[i], self.filters[i][0][m]
            maps, *found = torch.ops.aten.convolution_backward(
                maps, kept[i], weight, [len(weight)], layer.stride, layer.padding, layer.dilation,
                False, [0, 0], 1, [i > 0, True, True],
            )  # fmt: skip
            for place, one in zip(self.filter_grads[i], found, strict=True):
                place[m] = one
            if i:
                _bend_back(maps, kept[i])


def _rows(maps: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D"]:
    return maps.permute(0, 2, 3, 1).flatten(1)


def _bend_back(grad: Tensor, bent: Tensor) -> None:
    """Let through the gradient where ReLU let through what it bent; in place."""
    torch.ops.aten.threshold_backward.grad_input(grad, bent, 0, grad_input=grad)


def _stages(features: CnnFeatures) -> list[nn.Sequential]:
    return [stage for stage in features.cnn.body.children() if isinstance(stage, nn.Sequential)]


def _slots(policy: ActorCriticPolicy) -> Slots:
    """Filters, dense layers, then weights and biases of the two heads side by side."""
    features, actor, critic = policy.features_extractor, policy.action_net, policy.value_net
    assert (
        isinstance(features, CnnFeatures) and isinstance(actor, nn.Linear) and isinstance(critic, nn.Linear)
    )
    layers = [module for module in features.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    found = [p for layer in layers for p in (layer.weight, layer.bias) if p is not None]
    found += [actor.weight, critic.weight, actor.bias, critic.bias]
    if (log_std := log_std_of(policy)) is not None:
        found.append(log_std)
    return [[(parameter, tuple(parameter.shape)) for parameter in found]]


def supports(policy: ActorCriticPolicy) -> bool:
    """Tell whether a policy can be one of a stack: the CNN block with ReLU, and a linear head for each."""
    features = policy.features_extractor
    if not isinstance(policy, BlockCnnPolicy) or type(features) is not CnnFeatures:
        return False
    trunks = policy.mlp_extractor.policy_net, policy.mlp_extractor.value_net
    if not policy.share_features_extractor or any(len(trunk) for trunk in trunks):
        return False
    stages = [[type(layer) for layer in stage.children()] for stage in features.cnn.body.children()]
    dense = [type(layer) for layer in features.cnn.head.children()]
    plain = all(kinds == [nn.Conv2d, nn.ReLU] for kinds in stages)
    plain = plain and len(dense) > 0 and dense == [nn.Linear, nn.ReLU] * (len(dense) // 2)
    return plain and features.cnn.dropout.p == 0 and is_covered(policy, _slots(policy))

"""What must hold before PPO's fast loops may stand in for Stable-Baselines3's own.

The fast loops compute what stock policies, networks, distributions and optimizers compute, by other means. A
part that was replaced, patched, hooked or frozen would be passed by, so each part is looked at before every
rollout and every update. The first thing that is not as expected is named, and Stable-Baselines3's own loops,
which call whatever is there, take over.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from gymnasium import spaces
from stable_baselines3.common.distributions import (
    BernoulliDistribution,
    CategoricalDistribution,
    DiagGaussianDistribution,
    Distribution,
    MultiCategoricalDistribution,
)
from stable_baselines3.common.policies import ActorCriticCnnPolicy, ActorCriticPolicy
from stable_baselines3.common.preprocessing import get_action_dim
from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike
from stable_baselines3.common.torch_layers import FlattenExtractor, MlpExtractor, NatureCNN
from torch import nn
from torch.nn.modules.module import _has_any_global_hook
from torch.optim.optimizer import _global_optimizer_post_hooks, _global_optimizer_pre_hooks

from agents.flat_spaces import FlatActions
from agents.policies import BlockCnnPolicy, CnnFeatures, MixedFeatures, MlpBlocks, MlpPolicy
from agents.policies.features import LearnedFeatures, Standardised
from agents.policies.lines import LineFeatures
from agents.policies.normalisation import NormalisedFeatures, ReturnScale
from agents.policies.product_distribution import ProductDistribution
from agents.policies.recurrent import MemoryPolicy

POLICIES = (ActorCriticPolicy, ActorCriticCnnPolicy, MlpPolicy, BlockCnnPolicy, MemoryPolicy)
"""Policies whose methods the fast loops reproduce."""
CONSTRUCTION = frozenset(
    {"_build", "_build_mlp_extractor", "_get_constructor_parameters", "make_features_extractor"}
)
"""Methods that run while a policy is built, never while it is trained: a subclass may override them."""
SPECIAL = frozenset({"__call__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__"})
"""Special methods that change what a module does."""
PARTS: dict[type[nn.Module], frozenset[str]] = {
    FlattenExtractor: frozenset({"flatten"}),
    NatureCNN: frozenset({"cnn", "linear"}),
    CnnFeatures: frozenset({"cnn"}),
    LineFeatures: frozenset({"table", "head"}),
    MlpExtractor: frozenset({"policy_net", "value_net"}),
    MlpBlocks: frozenset({"policy_net", "value_net"}),
    MixedFeatures: frozenset({"pictures"}),
    NormalisedFeatures: frozenset(),
    ReturnScale: frozenset(),
}
"""Networks of which every part is used in every pass."""
LIBRARIES = ("torch.nn.modules.", "sandbox.blocks.")
"""Where networks come from that do nothing but compute their output."""
EXTRACTORS = ("features_extractor", "pi_features_extractor", "vf_features_extractor")
DISTRIBUTIONS: dict[type[spaces.Space], type[Distribution]] = {
    FlatActions: ProductDistribution,  # first, because it is a Box as well
    spaces.Discrete: CategoricalDistribution,
    spaces.MultiDiscrete: MultiCategoricalDistribution,
    spaces.MultiBinary: BernoulliDistribution,
    spaces.Box: DiagGaussianDistribution,
}


def policy_obstacle(policy: ActorCriticPolicy) -> str | None:
    """Say why the outputs of a policy cannot be computed from its networks directly.

    Returns:
        The rest of a sentence, or None if they can.
    """
    if not isinstance(policy, POLICIES):
        return f"the policy is a {type(policy).__name__}"
    overridden = _overridden(type(policy))
    if overridden is not None:
        return f"{type(policy).__name__} overrides {overridden}"
    if policy.squash_output:
        return "the policy squashes its actions"
    return _module_obstacle(policy) or _part_obstacle(policy) or _head_obstacle(policy)


def training_obstacle(policy: ActorCriticPolicy) -> str | None:
    """Say why the fast update cannot stand in for a backward pass and a step of the policy's optimizer.

    Returns:
        The rest of a sentence, or None if it can.
    """
    # Features that were learned beforehand are never trained, and a policy with a memory has no other loop.
    may_be_frozen = isinstance(policy, MemoryPolicy)
    extractors = [getattr(policy, name) for name in EXTRACTORS]
    learned = {id(p) for part in extractors if type(part) is LearnedFeatures for p in part.parameters()}
    parameters = dict(policy.named_parameters())
    for name, parameter in parameters.items():
        if not parameter.requires_grad and not may_be_frozen and id(parameter) not in learned:
            return f"{name} is frozen"
        if parameter._backward_hooks or parameter._post_accumulate_grad_hooks:
            return f"{name} has a hook on its gradient"
    optimizer = policy.optimizer
    kind = type(optimizer)
    if not kind.__module__.startswith("torch.optim.") and kind is not RMSpropTFLike:
        return f"the optimizer is a {kind.__name__}"
    if (method := patched(optimizer)) is not None:
        return f"the optimizer's {method} is replaced"
    covered = {id(p) for group in optimizer.param_groups for p in group["params"]}
    for name, parameter in parameters.items():
        if id(parameter) not in covered:
            return f"the optimizer leaves out {name}"
    if len(covered) > len(parameters):
        return "the optimizer has parameters of something else"
    return global_obstacle(policy)


class Snapshot:
    """What a policy was made of when it was found to be stock; comparing is faster than looking again.

    Args:
        policy: one without an obstacle.
    """

    def __init__(self, policy: ActorCriticPolicy) -> None:
        self.policy, self.optimizer, self.distribution = policy, policy.optimizer, policy.action_dist
        self.modules = [
            (m, type(m), tuple(vars(m)), list(m._modules.values()), [*map(id, m._parameters.values())])
            for m in policy.modules()
        ]
        self.parameters = [(p, p.requires_grad) for p in policy.parameters()]
        self.others = [(thing, tuple(vars(thing))) for thing in (self.optimizer, self.distribution)]
        self.options = self._options()
        self.groups = self._groups()

    def _options(self) -> tuple[Any, ...]:
        policy = self.policy
        return policy.share_features_extractor, policy.squash_output, id(policy.action_space)

    def _groups(self) -> list[list[int]]:
        return [[*map(id, group["params"])] for group in self.optimizer.param_groups]

    def holds(self, policy: ActorCriticPolicy) -> bool:
        """Tell whether nothing was replaced, patched, hooked or frozen since."""
        if policy is not self.policy or policy.optimizer is not self.optimizer:
            return False
        if policy.action_dist is not self.distribution or self._options() != self.options:
            return False
        for module, kind, names, children, parameters in self.modules:
            own = vars(module)
            if type(module) is not kind or tuple(own) != names or _has_hooks(own):
                return False
            if [*own["_modules"].values()] != children or [
                *map(id, own["_parameters"].values())
            ] != parameters:
                return False
        for parameter, learns in self.parameters:
            if parameter.requires_grad is not learns or parameter._backward_hooks:
                return False
            if parameter._post_accumulate_grad_hooks:
                return False
        for thing, names in self.others:
            if tuple(vars(thing)) != names:
                return False
        return self._groups() == self.groups and global_obstacle(policy) is None


def global_obstacle(policy: ActorCriticPolicy) -> str | None:
    """Say what in torch itself, or in the optimizer's hooks, stands against the fast loops."""
    if _has_any_global_hook():
        return "torch has hooks on all modules"
    if torch.is_autocast_enabled(next(policy.action_net.parameters()).device.type):
        return "autocast is on"
    optimizer = policy.optimizer
    if optimizer._optimizer_step_pre_hooks or optimizer._optimizer_step_post_hooks:
        return "the optimizer has hooks"
    if _global_optimizer_pre_hooks or _global_optimizer_post_hooks:
        return "torch has hooks on all optimizers"
    return None


def _has_hooks(own: dict[str, Any]) -> bool:
    """Whether a module with these attributes has hooks on its forward or its backward pass."""
    return bool(
        own["_forward_hooks"]
        or own["_forward_pre_hooks"]
        or own["_backward_hooks"]
        or own["_backward_pre_hooks"]
    )


def patched(thing: object) -> str | None:
    """Name a method that was replaced on this very object, or None."""
    methods = _methods(type(thing))
    if methods.isdisjoint(vars(thing)):
        return None
    return next(name for name in vars(thing) if name in methods)


@lru_cache(maxsize=256)
def _methods(kind: type) -> frozenset[str]:
    names = {name for name in dir(kind) if callable(getattr(kind, name, None))}
    return frozenset({*names, "_compiled_call_impl"})  # which `module.compile()` sets


@lru_cache(maxsize=256)
def _overridden(kind: type) -> str | None:
    """Name a method of the nearest stock policy that a subclass overrides, or None."""
    stock = next(base for base in kind.__mro__ if base in POLICIES)
    for base in kind.__mro__[: kind.__mro__.index(stock)]:
        for name in vars(base):
            special = name.startswith("__") or name == "_abc_impl"
            if (name in SPECIAL or not special) and name not in CONSTRUCTION and hasattr(stock, name):
                return name
    return None


@lru_cache(maxsize=256)
def _is_known(kind: type) -> bool:
    return kind in (*PARTS, LearnedFeatures, Standardised) or kind.__module__.startswith(LIBRARIES)


def _module_obstacle(policy: ActorCriticPolicy) -> str | None:
    for name, module in policy.named_modules():
        where = name or "the policy"
        kind = type(module)
        if module is not policy and not _is_known(kind):
            return f"{where} is a {kind.__name__}"
        if (method := patched(module)) is not None:
            return f"{method} of {where} is replaced"
        if _has_hooks(vars(module)):
            return f"{where} has hooks"
        if kind in PARTS and (module._modules.keys() != PARTS[kind] or module._parameters):
            return f"{where} has other parts than a {kind.__name__}"
    return None


def _part_obstacle(policy: ActorCriticPolicy) -> str | None:
    allowed = {*EXTRACTORS, "mlp_extractor", "action_net", "value_net"}
    allowed |= {"memory"} if isinstance(policy, MemoryPolicy) else set()
    allowed |= {"return_scale"} if type(getattr(policy, "return_scale", None)) is ReturnScale else set()
    for name in policy._modules:
        if name not in allowed:
            return f"the policy has a part of its own, {name}"
    for name in policy._parameters:
        if name != "log_std":
            return f"the policy has a parameter of its own, {name}"
    extractors = [getattr(policy, name) for name in EXTRACTORS]
    if policy.share_features_extractor and any(part is not extractors[0] for part in extractors):
        return "actor and critic no longer share their features"
    if type(policy.mlp_extractor) not in (MlpExtractor, MlpBlocks):
        return f"mlp_extractor is a {type(policy.mlp_extractor).__name__}"
    for name in ("policy_net", "value_net"):
        net = getattr(policy.mlp_extractor, name)
        if not isinstance(net, nn.Sequential):
            return f"mlp_extractor.{name} is a {type(net).__name__}"
    return None


def _head_obstacle(policy: ActorCriticPolicy) -> str | None:
    space, distribution = policy.action_space, policy.action_dist
    stock = next((d for kind, d in DISTRIBUTIONS.items() if isinstance(space, kind)), None)
    if type(distribution) is not stock:
        return f"the action distribution is a {type(distribution).__name__}"
    if (method := patched(distribution)) is not None:
        return f"{method} of the action distribution is replaced"
    if isinstance(space, spaces.Discrete):
        outputs = int(space.n)
    elif isinstance(space, spaces.MultiDiscrete):
        outputs = int(space.nvec.sum())
        if list(getattr(distribution, "action_dims", ())) != space.nvec.tolist():
            return "the action distribution has other parts than the action space"
    else:
        outputs = space.num_outputs if isinstance(space, FlatActions) else get_action_dim(space)
    for name, size in (("action_net", outputs), ("value_net", 1)):
        net = getattr(policy, name)
        if type(net) is not nn.Linear or net.out_features != size:
            return f"{name} is not a linear layer with {size} outputs"
    log_std = getattr(policy, "log_std", None)
    numbers = max(1, space.numbers) if isinstance(space, FlatActions) else outputs
    if isinstance(space, spaces.Box) and (
        not isinstance(log_std, nn.Parameter) or log_std.shape != (numbers,)
    ):
        return f"log_std is not a parameter of {numbers} numbers"
    if any(p.dtype != torch.float32 for p in policy.parameters()):
        return "some parameters are not float32"
    return None

"""Export the policies, whose address is also written in saved models."""

from agents.policies.block_policies import (
    BlockCnnPolicy,
    CnnFeatures,
    MixedFeatures,
    MlpBlocks,
    MlpPolicy,
    channels_last,
    load_parameters,
    parameters_of,
)
from agents.policies.replay_policies import DelayedPolicy, QPolicy, SoftPolicy

__all__ = [
    "BlockCnnPolicy",
    "CnnFeatures",
    "DelayedPolicy",
    "MixedFeatures",
    "MlpBlocks",
    "MlpPolicy",
    "QPolicy",
    "SoftPolicy",
    "channels_last",
    "load_parameters",
    "parameters_of",
]

"""Export the policies of block_policies.py, whose address is also written in saved models."""

from agents.policies.block_policies import (
    BlockCnnPolicy,
    CnnFeatures,
    MixedFeatures,
    MlpBlocks,
    MlpPolicy,
    QPolicy,
    SoftPolicy,
    channels_last,
    load_parameters,
    parameters_of,
)

__all__ = [
    "BlockCnnPolicy",
    "CnnFeatures",
    "MixedFeatures",
    "MlpBlocks",
    "MlpPolicy",
    "QPolicy",
    "SoftPolicy",
    "channels_last",
    "load_parameters",
    "parameters_of",
]

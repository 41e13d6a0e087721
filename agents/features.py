"""The earlier address of features that a block learned by looking, which saved models name."""

from agents.policies.features import LearnedFeatures, Standardised

__all__ = ["LearnedFeatures", "Standardised"]

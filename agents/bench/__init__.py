"""Comparisons of agents for `sandbox bench`."""

"""Measurements of environments for `sandbox bench`."""

"""Driving: a camera at the wheel."""

"""Faces: the same person or not."""

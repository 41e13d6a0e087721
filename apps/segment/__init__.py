"""Segment: what belongs to what, pixel by pixel; nuclei to count, textures to tell apart."""

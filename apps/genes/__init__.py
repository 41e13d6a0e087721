"""Genes: DNA, and the patterns in it."""

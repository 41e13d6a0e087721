"""Translating: a network that reads a sentence and writes it in another language."""

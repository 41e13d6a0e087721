"""Sequences that ask for memory: adding, copying, echo, and what comes next."""

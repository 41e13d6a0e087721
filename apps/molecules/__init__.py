"""Molecules: designed to order, and judged by what they are made of."""

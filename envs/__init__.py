"""Environments written as three plain functions, run at compiled speed."""

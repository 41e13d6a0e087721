"""Turns an environment file into a Gymnasium env, a compiled batch and a picture."""

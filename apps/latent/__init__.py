"""Latent lab: autoencoders, generators and maps, each a task, and the page on which they are touched."""

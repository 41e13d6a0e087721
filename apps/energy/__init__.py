"""Machines that give every picture an energy: the restricted Boltzmann machine, and stacks of them."""

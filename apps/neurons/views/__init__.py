"""Views that only the neuron playground has."""

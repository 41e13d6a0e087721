"""Views into a trained network, one per file, each found by what it fits."""

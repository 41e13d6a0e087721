"""Ways to spoil an input, one kind of input per file; the Limits tab and tests use them."""

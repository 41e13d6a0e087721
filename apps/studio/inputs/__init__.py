"""How an input is given on a page, one kind of input per file."""

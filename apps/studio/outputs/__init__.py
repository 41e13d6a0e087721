"""How an answer is shown on a page, one kind of output per file."""

"""Reading a line of handwriting without cutting it up."""

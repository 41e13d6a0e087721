"""One source or file format per file."""

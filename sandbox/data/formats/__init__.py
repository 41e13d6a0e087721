"""One format of files per module: how it is read, and what is refused."""

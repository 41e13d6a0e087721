"""One preset per environment: the file name is the environment's."""

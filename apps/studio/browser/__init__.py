"""Components that run in the browser, each a Python file with its script and style."""

"""The commands: one file each, named like the command; its `main(arguments)` returns the exit status.

The first line of a file's docstring is its line in `sandbox --help`. A command is imported only when it runs,
and reaches the floors above by name only.
"""

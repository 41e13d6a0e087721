"""The task contract and the families of tasks."""

"""What a sensible person would try first, one method per file."""

"""Pictures: what networks see in them."""

"""Every environment on a card."""

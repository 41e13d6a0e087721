"""Photos, damaged and repaired: the page on which one tries it."""

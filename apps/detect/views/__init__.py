"""What is special to the page Detect."""

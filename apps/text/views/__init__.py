"""What each kind of method shows in the tabs of the page."""

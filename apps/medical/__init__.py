"""Medical measurements and pictures. Nothing here is for clinical use."""

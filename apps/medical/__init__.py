"""Medical pictures and measurements. Nothing here is for clinical use."""

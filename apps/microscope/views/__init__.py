"""What is special to the CNN microscope."""

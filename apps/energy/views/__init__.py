"""What is special to the Energy lab: the missing half, dreams, less of the picture, tables."""

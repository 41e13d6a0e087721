"""What environments look like, where that takes more than a screenful: a file for each of them."""

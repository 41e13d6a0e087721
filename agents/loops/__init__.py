"""Networks that learned from pictures of an environment, and then act in it by what they see."""

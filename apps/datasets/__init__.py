"""The page of public data sets."""

"""The checker of recorded event streams."""

"""Existing files to the values that checks read."""

"""What changes between two sets of artifacts, in words and numbers."""

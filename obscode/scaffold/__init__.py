"""A new repository of definitions: `obscode init`."""

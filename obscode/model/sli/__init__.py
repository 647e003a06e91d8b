"""SLI kinds, one a file; a new kind is a new file and one line in ``obscode/__init__.py``."""

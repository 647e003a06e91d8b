"""The command line: one module per command, terminal output in `terminal`."""

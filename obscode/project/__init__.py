"""From a folder of definitions to files on disk: load, compile, check, render, publish."""

"""`python -m obscode`."""

from obscode.cli import main

main()

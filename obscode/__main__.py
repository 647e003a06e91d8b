"""`python -m obscode`."""

from obscode.cli.app import main

main()

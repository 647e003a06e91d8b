"""Importers: SLOs from the documents of other tools.

    from obscode.importers import load

    services = load("slos")

A new format is a new module with a `Reader`, and one line in `all_formats`.
"""

from obscode.importers import openslo, sloth
from obscode.importers.all_formats import load

__all__ = ["load", "openslo", "sloth"]

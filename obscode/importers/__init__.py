"""Importers: SLOs from the documents of other tools. A new format is a new module and one line here."""

from obscode.importers import openslo, sloth

__all__ = ["openslo", "sloth"]

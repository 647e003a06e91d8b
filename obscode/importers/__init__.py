"""SLOs from other tools' documents, one format a file; a new one is a new file and one line here."""

from obscode.importers import openslo, sloth

__all__ = ["openslo", "sloth"]

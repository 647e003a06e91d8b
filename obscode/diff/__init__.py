"""What changes between two sets of artifacts, in words and numbers: pure functions of both.

for change in compare(before, after).changes:
    print(change.risk, change.sentence)
"""

from __future__ import annotations

from obscode.diff.change import RISKS, Change, Edit, Risk
from obscode.diff.comparison import compare

__all__ = ["RISKS", "Change", "Edit", "Risk", "compare"]

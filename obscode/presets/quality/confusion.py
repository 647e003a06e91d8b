"""Precision, recall and F1 of each class, from a vector of the cells of a confusion matrix.

A class that is never predicted has no cell on the diagonal: its recall is 0, and it has no precision. A class that
never occurs has no recall; if it is predicted all the same, its precision is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from obscode.model.sli.base import aggregated

#: The label of a class in series of a class.
CLASS = "class"


@dataclass(frozen=True)
class Confusion:
    """PromQL over cells.

    Attributes:
        cells: PromQL of the cells, with the labels `by`, `actual` and `predicted` only.
        by: the labels that tell models apart.
        actual: the label with the actual class.
        predicted: the label with the predicted class.
    """

    cells: str
    by: Sequence[str]
    actual: str
    predicted: str

    def support(self) -> str:
        """How many are of a class."""
        return self._by_class(self.cells, self.actual)

    def predictions(self) -> str:
        """How many are predicted to be of a class."""
        return self._by_class(self.cells, self.predicted)

    def true_positives(self) -> str:
        """How many of a class are predicted to be of it; 0 for a class that is only actual or only predicted."""
        diagonal = _renamed(aggregated("sum", (*self.by, self.actual), self.cells), self.actual, self.predicted)
        cells = f"{self.cells}\nand on ({', '.join((*self.by, self.actual, self.predicted))})\n{diagonal}"
        return f"{self._by_class(cells, self.actual)}\nor\n0 * {self.support()}\nor\n0 * {self.predictions()}"

    def _by_class(self, cells: str, label: str) -> str:
        return aggregated("sum", (*self.by, CLASS), _renamed(cells, label, CLASS))


def recall(true_positives: str, support: str) -> str:
    """The share of a class that is predicted to be of it."""
    return f"({true_positives})\n/\n({support} > 0)"


def precision(true_positives: str, predictions: str) -> str:
    """The share of the predictions of a class that are of it."""
    return f"({true_positives})\n/\n({predictions} > 0)"


def f1(true_positives: str, support: str, predictions: str) -> str:
    """The harmonic mean of precision and recall; 0 for a class without true positives."""
    zero = f"0 * ({true_positives})"
    return f"2 * ({true_positives})\n/\n(({support} or {zero}) + ({predictions} or {zero}) > 0)"


def _renamed(expr: str, source: str, target: str) -> str:
    return f'label_replace({expr}, "{target}", "$1", "{source}", "(.*)")'

"""Compare the scores of a model with the labels that arrived later, and push accuracy and recall.

    python -m examples.batch_evaluation.evaluate labels.csv --gateway http://localhost:9091

The file has a line for each prediction: `score,label`, with a label of 0 or 1.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from obscode.batch import BatchRun

THRESHOLD = 0.5
JOB = "model-evaluation"


class Quality(NamedTuple):
    """The result of an evaluation; the recall is None without positives."""

    samples: int
    accuracy: float
    positives: int
    recall: float | None


def evaluate(rows: Iterable[tuple[float, int]], threshold: float = THRESHOLD) -> Quality:
    """The quality of predictions, from pairs of a score and a label. Raises ValueError without rows."""
    pairs = [(score >= threshold, bool(label)) for score, label in rows]
    if not pairs:
        raise ValueError("there are no labels")
    positives = [predicted for predicted, actual in pairs if actual]
    correct = sum(predicted == actual for predicted, actual in pairs)
    recall = sum(positives) / len(positives) if positives else None
    return Quality(len(pairs), correct / len(pairs), len(positives), recall)


def read(path: str) -> list[tuple[float, int]]:
    """The rows of a file."""
    with open(path, newline="", encoding="utf-8") as file:  # noqa: PTH123  # as users write it
        return [(float(score), int(label)) for score, label in csv.reader(file)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate a file and push the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("labels", help="a CSV file with score and label")
    parser.add_argument("--gateway", default="http://localhost:9091", help="the Pushgateway")
    parser.add_argument("--model", default="payments", help="the name of the model")
    options = parser.parse_args(arguments)

    with BatchRun(JOB, gateway=options.gateway, labels={"model": options.model}) as run:
        quality = evaluate(read(options.labels))
        run.sample_size = quality.samples
        run.gauge("model_accuracy_ratio", quality.accuracy, "Share of correct predictions.")
        if quality.recall is not None:
            run.gauge("model_recall_ratio", quality.recall, "Share of the positives that the model finds.")
            run.gauge("model_recall_sample_size", quality.positives, "Positives in the sample.")


if __name__ == "__main__":
    main()

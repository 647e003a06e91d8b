"""How many observations the histograms of an exposition have."""

from __future__ import annotations

from collections.abc import Mapping

from obscode.reader.exposition import import_parsers


def bucket_counts(text: str) -> Mapping[str, Mapping[float, float]]:
    """The observations up to each bound, by histogram, summed over its series; empty for a text with invalid lines."""
    lines = text.rstrip().split("\n")
    parse = import_parsers()[lines[-1].strip() == "# EOF"]
    counts: dict[str, dict[float, float]] = {}
    try:
        for family in parse(iter(f"{line}\n" for line in lines)):
            for sample in family.samples:
                if sample.name.endswith("_bucket") and "le" in sample.labels:
                    bounds = counts.setdefault(sample.name.removesuffix("_bucket"), {})
                    bound = float(sample.labels["le"])
                    bounds[bound] = bounds.get(bound, 0) + sample.value
    except ValueError:
        return {}
    return counts

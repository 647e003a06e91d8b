"""The dashboard of the drift of features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override, Threshold
from obscode.model.panels import Query, Table, TimeSeries
from obscode.model.sli.base import aggregated, grouped
from obscode.presets.drift.limits import FEWEST, Drift


def drift_rows(drift: Drift, share: str, limit: float) -> Iterator[Row]:
    """The share of drifted features, the features with the highest values, and a table of all."""
    labels = (*drift.by, drift.feature)
    legend = " ".join(f"{{{{{label}}}}}" for label in labels)
    panels = []
    statistics = [(drift.psi, "PSI", drift.psi_limit), (drift.ks, "KS", drift.ks_limit)]
    for name, title, red in statistics:
        if name:
            panels.append(
                TimeSeries(
                    title,
                    f"topk(10, {aggregated('max', labels, drift.select(name))})",
                    legend=legend,
                    unit="short",
                    minimum=0,
                    thresholds=[Threshold(red, "red")],
                    description="The ten features with the highest values. The line is the limit without chance.",
                )
            )
    yield Row(
        "Drift",
        TimeSeries(
            "Drifted features",
            share,
            legend=f"{{{{{drift.model}}}}}" if drift.model else "features",
            unit="percentunit",
            minimum=0,
            thresholds=[Threshold(limit, "red")],
            description="The share of the features that are drifted by half of their limit or more.",
        ),
        *panels,
        _table(drift, labels, [(name, title) for name, title, _ in statistics if name]),
    )


def _table(drift: Drift, labels: Sequence[str], statistics: Sequence[tuple[str, str]]) -> Table:
    columns = {label: label.capitalize() for label in labels}
    queries: list[str | Query] = []
    for name, title in statistics:
        for metric, column in ((name, title), (f"{name}_sample_size", f"{title} values")):
            columns[f"Value #{'ABCD'[len(queries)]}"] = column
            queries.append(Query(f"{grouped('max', labels)} ({drift.select(metric)})"))
    return Table(
        "Features",
        queries,
        columns=columns,
        sort_by=statistics[0][1],
        descending=True,
        overrides=[Override(column, unit="short") for column in list(columns.values())[len(labels) :]],
        description=f"Each feature, and the number of its values. With fewer than {FEWEST}, no alert fires.",
    )

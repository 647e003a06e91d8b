"""Results of Prometheus as the data frames that Grafana's data source returns.

https://github.com/grafana/grafana/blob/main/pkg/promlib/querydata/response.go and
https://github.com/grafana/grafana/blob/main/packages/grafana-prometheus/src/result_transformer.ts.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from obscode.clients.prometheus import Series

Frame = dict[str, Any]

AUTO = "__auto"
_LEGEND_LABEL = re.compile(r"\{\{\s*(.+?)\s*\}\}")
_DIGITS, _DIGITS_OF_RANGE = 10, 6  # of a number; a line has a few hundred pixels
_EXACT = 1e6  # larger numbers may be dates: they keep milliseconds


def legend(labels: Mapping[str, str], form: str, expr: str) -> str:
    """The name of a series; empty where the panel composes it from the labels."""
    text = series_text(labels)
    if form == AUTO:
        text = "" if labels else text
    elif form:
        text = _LEGEND_LABEL.sub(lambda match: labels.get(match[1], ""), form)
    return expr if text == "{}" else text


def series_text(labels: Mapping[str, str]) -> str:
    """`up{job="a"}`; `{}` without labels and name."""
    name = labels.get("__name__", "")
    inside = [
        f"{label}={json.dumps(value, ensure_ascii=False)}"
        for label, value in sorted(labels.items())
        if label != "__name__"
    ]
    if not inside:
        return name or "{}"
    return f"{name}{{{', '.join(inside)}}}"


def number(value: float, digits: int = _DIGITS) -> float | int | str:
    """A number as JSON, short; NaN and infinite ones as text."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    short = round(value, 3) if abs(value) >= _EXACT else float(f"{value:.{digits}g}")
    return int(short) if short == int(short) and abs(short) < 2**53 else short


def of_range(series: Series, ref: str, form: str, expr: str, step: int) -> Frame:
    """The frame of a series of a range query; ``step`` in ms. Times without a sample are null."""
    samples = {round(time * 1000): value for time, value in series.samples}
    first, last = min(samples), max(samples)
    count = (last - first) // step + 1
    values = [
        None if (value := samples.get(first + i * step)) is None else number(value, _DIGITS_OF_RANGE)
        for i in range(count)
    ]
    field: dict[str, Any] = {"name": "Value", "type": "number", "labels": dict(series.labels), "values": values}
    if name := legend(series.labels, form, expr):
        field["config"] = {"displayNameFromDS": name}
    time = {"name": "Time", "type": "time", "config": {"interval": step}}
    time["values"] = {"from": first, "step": step, "count": count}
    return {"refId": ref, "name": name, "fields": [time, field], "meta": {"type": "timeseries-multi"}}


def of_instant(series: Series, ref: str, form: str, expr: str) -> Frame:
    """The frame of a series of an instant query."""
    time, value = series.samples[-1]
    field: dict[str, Any] = {
        "name": "Value",
        "type": "number",
        "labels": dict(series.labels),
        "values": [number(value)],
    }
    if name := legend(series.labels, form, expr):
        field["config"] = {"displayNameFromDS": name}
    times = {"name": "Time", "type": "time", "values": [round(time * 1000)]}
    return {"refId": ref, "name": name, "fields": [times, field], "meta": {"type": "numeric-multi"}}


def times_of(frame: Frame) -> list[int]:
    """The times of a frame in ms."""
    values = frame["fields"][0]["values"]
    if isinstance(values, dict):
        return [values["from"] + place * values["step"] for place in range(values["count"])]
    return list(values)


def as_table(frames: Sequence[Frame], ref: str, value_name: str) -> list[Frame]:
    """The frames of a query with the format `table` as one: a row for each sample, a column for each label."""
    if not frames:
        return []
    names = list(dict.fromkeys(name for frame in frames for name in sorted(frame["fields"][1]["labels"])))
    times: list[int] = []
    values: list[Any] = []
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for frame in frames:
        labels = frame["fields"][1]["labels"]
        for time, value in zip(times_of(frame), frame["fields"][1]["values"], strict=True):
            if value is None:
                continue
            times.append(time)
            values.append(value)
            for name in names:
                columns[name].append(_label_value(name, labels.get(name, "")))
    fields = [
        {"name": "Time", "type": "time", "values": times},
        *(
            {
                "name": name,
                "type": "number" if name == "le" else "string",
                "config": {"filterable": True},
                "values": column,
            }
            for name, column in columns.items()
        ),
        {"name": value_name, "type": "number", "values": values},
    ]
    meta = {"type": "table", "preferredVisualisationType": "rawPrometheus"}
    return [{"refId": ref, "name": "", "fields": fields, "meta": meta}]


def _label_value(name: str, text: str) -> Any:
    if name != "le":
        return text
    try:
        return number(float(text))
    except ValueError:
        return text


def as_heatmap(frames: Sequence[Frame], ref: str) -> list[Frame]:
    """The frames of cumulative buckets as one, with a field for each bucket: its own events, lowest bound first."""
    if not frames:
        return []
    ordered = sorted(frames, key=lambda frame: _bound(frame["fields"][1]["labels"]))
    times = sorted({time for frame in ordered for time in times_of(frame)})
    by_time = [dict(zip(times_of(frame), frame["fields"][1]["values"], strict=True)) for frame in ordered]
    fields: list[dict[str, Any]] = [{"name": "Time", "type": "time", "values": times}]
    for place, frame in enumerate(ordered):
        below = by_time[place - 1] if place else {}
        values = [_difference(by_time[place].get(time), below.get(time)) for time in times]
        source = frame["fields"][1]
        name = frame["name"] or source["labels"].get("le", "") or source["name"]
        fields.append({"name": name, "type": "number", "labels": source["labels"], "values": values})
        if "config" in source:
            fields[-1]["config"] = source["config"]
    config = frames[0]["fields"][0].get("config")
    if config:
        fields[0]["config"] = config
    return [{"refId": ref, "name": "", "fields": fields, "meta": {"type": "heatmap-rows"}}]


def _bound(labels: Mapping[str, str]) -> tuple[float, str]:
    text = labels.get("le", "")
    try:
        return float(text), text
    except ValueError:
        return math.inf, text


def _difference(value: Any, below: Any) -> Any:
    if isinstance(value, str) or value is None:
        return value
    difference = value - (below if isinstance(below, int | float) else 0)
    return number(difference) if difference >= 1e-9 else 0

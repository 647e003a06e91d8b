"""Templates of Prometheus' alerts in Grafana: the same functions, but other values.

`$value` is a text that describes all queries in Grafana; the number is `$values.<query>.Value`. The function `query`
returns nothing, and there are no external labels.
https://grafana.com/docs/grafana/latest/alerting/alerting-rules/templates/reference/
"""

from __future__ import annotations

import re

from obscode.promql.alert_template import actions, parsed_actions

#: The name of the query of an alert.
QUERY = "query"
_VALUE = re.compile(r"(?<![\w.$])(?:\$value\b|\$?\.Value\b)")
_MISSING = {
    "$externalLabels": "external labels",
    ".ExternalLabels": "external labels",
    "$externalURL": "an external URL",
    ".ExternalURL": "an external URL",
    "query": "results of the function query",
}
_STRING = re.compile(r'("(?:\\.|[^"\\])*"|`[^`]*`)')


def grafana_template(text: str) -> str:
    """The text with the values of Grafana's templates."""
    result, end = "", 0
    for action in actions(text):
        result += text[end : action.start] + _with_number(action.text)
        end = action.start + len(action.text)
    return result + text[end:]


def missing_in_grafana(text: str) -> str:
    """What a text uses that Grafana's templates do not have; empty if they have all of it."""
    for _, tokens in parsed_actions(text):
        for token in tokens:
            if token.text in _MISSING:
                return _MISSING[token.text]
    return ""


def _with_number(action: str) -> str:
    """An action whose value is the number; strings stay."""
    parts = _STRING.split(action)
    return "".join(part if i % 2 else _VALUE.sub(f"$values.{QUERY}.Value", part) for i, part in enumerate(parts))

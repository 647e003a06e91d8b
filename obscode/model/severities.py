"""The severities of a project: classes of urgency such as `page`, and the values of the `severity` label for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.model.identifiers import Invalid, validate_name

PAGE, TICKET = "page", "ticket"
#: The severities of the alerts that obscode generates; a project has both.
GENERATED = (PAGE, TICKET)
DEFAULT: Mapping[str, str] = {name: name for name in GENERATED}


def label_value(severities: Mapping[str, str], severity: str) -> str:
    """The value of the `severity` label; an unknown severity stays."""
    return severities.get(severity, severity)


def severity_name(severities: Mapping[str, str], value: str) -> str:
    """The severity that has a label value; an unknown value stays."""
    return next((name for name, other in severities.items() if other == value), value)


def accepted(severities: Mapping[str, str]) -> list[str]:
    """What `severity=` accepts: names, then label values."""
    return list(dict.fromkeys([*severities, *severities.values()]))


def problems(severities: Mapping[str, str]) -> Iterator[tuple[int | None, str, str]]:
    """Index, message and hint for each entry that is invalid; the index is None for the mapping."""
    for name in GENERATED:
        if name not in severities:
            hint = 'write severities={"page": "critical", "ticket": "warning"} with the values of your routes'
            yield None, f"the project has no severity {name!r}, which generated alerts have", hint
            return
    order = list(severities)
    if order.index(PAGE) > order.index(TICKET):
        yield order.index(PAGE), "'page' comes after 'ticket'", "write the most urgent severity first"
    for i, name in enumerate(severities):
        if invalid := _invalid_entry(severities, name):
            yield i, *invalid


def _invalid_entry(severities: Mapping[str, str], name: str) -> Invalid:
    value = severities[name]
    if invalid := validate_name(name) or validate_name(value):
        return invalid
    if severities.get(value, value) != value:
        return (
            f"{name!r} has the label value {value!r}, which is another severity with the value {severities[value]!r}",
            "rename one, so that severity= is unambiguous",
        )
    if (first := severity_name(severities, value)) != name:
        return f"{first!r} and {name!r} have the same label value {value!r}", "write different values"
    return None

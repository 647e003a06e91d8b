"""The labels that the templates of an alert read: `{{ $labels.pod }}`, `{{ index $labels "http.route" }}`.

`$labels` are those of the expression's result, without the labels that the rule adds:
https://github.com/prometheus/prometheus/blob/main/rules/alerting.go (AlertingRule.Eval)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from obscode.promql.alert_template import Token, parsed_actions
from obscode.promql.tokens import unquote

_LABELS, _FIELD = "$labels", ".Labels"
_EXTERNAL_LABELS, _EXTERNAL_FIELD = "$externalLabels", ".ExternalLabels"
# Inside of these, the dot is another value than the alert.
_CHANGE_DOT = ("with", "range", "define", "block")
_OPENING = ("if", *_CHANGE_DOT)
# A condition that reads a label by itself checks whether the alert has it.
_CONDITIONS = ("if", "else if", "with")
_LOGIC = ("and", "or", "not")


def labels_read(text: str) -> list[str]:
    """The names of the labels that a text reads, in its order, without those whose presence it checks."""
    return _labels_read(text, _LABELS, _FIELD) if "abels" in text else []


def external_labels_read(text: str) -> list[str]:
    """The names of the external labels that a text reads, in its order, without those whose presence it checks."""
    return _labels_read(text, _EXTERNAL_LABELS, _EXTERNAL_FIELD) if "xternalLabels" in text else []


def _labels_read(text: str, variable: str, field: str) -> list[str]:
    names: list[str] = []
    checked: set[str] = set()
    open_actions: list[str] = []
    for keyword, tokens in parsed_actions(text):
        if _binds_labels(tokens, variable):
            return []
        is_root = not set(open_actions) & set(_CHANGE_DOT)
        read = list(_names(tokens, variable, field if is_root else ""))
        names += read
        if _checks_presence(keyword, tokens):
            checked.update(read)
        if keyword in _OPENING:
            open_actions.append(keyword)
        elif keyword == "end" and open_actions:
            open_actions.pop()
    return [name for name in dict.fromkeys(names) if name not in checked]


def _names(tokens: Sequence[Token], variable: str, field: str) -> Iterator[str]:
    for i, token in enumerate(tokens):
        following = tokens[i + 1 : i + 3]
        if token.text == variable:
            if following and following[0].kind == "field":
                yield following[0].text[1:]
            elif _is_indexed(tokens[:i]) and [each.kind for each in following] == ["space", "string"]:
                yield unquote(following[1].text)
        elif field and token.text == field and _is_of_alert(tokens[:i]) and following:
            yield from [following[0].text[1:]] if following[0].kind == "field" else []


def _is_indexed(before: Sequence[Token]) -> bool:
    return [token.text for token in before if token.kind != "space"][-1:] == ["index"]


def _is_of_alert(before: Sequence[Token]) -> bool:
    """Whether a field is one of the dot or of `$`, not of another value such as `(query "up" | first)`."""
    if not before or before[-1].kind in ("space", "assignment"):
        return True
    return before[-1].text in ("$", "(", "|", ",")


def _checks_presence(keyword: str, tokens: Sequence[Token]) -> bool:
    functions = {token.text for token in tokens if token.kind == "word"} - {*_OPENING, "else", "index"}
    return bool(functions & set(_LOGIC)) or (keyword in _CONDITIONS and not functions)


def _binds_labels(tokens: Sequence[Token], variable: str) -> bool:
    texts = [token.text for token in tokens if token.kind != "space"]
    return any(pair in ((variable, ":="), (variable, "=")) for pair in pairwise(texts))

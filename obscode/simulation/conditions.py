"""Comparisons that values pass: what `(100 * x) > 20` and `abs(x) > 20` say about `x`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

#: A comparison that only some samples pass: `== 1`.
Condition = tuple[str, float]

_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def requires_true(conditions: Sequence[Condition]) -> bool:
    """Whether the result of a comparison with `bool`, 0 or 1, passes only if it is 1."""
    return any(
        (op == ">" and 0 <= bound < 1) or (op == ">=" and 0 < bound <= 1) or (op == "==" and bound == 1)
        for op, bound in conditions
    )


def of_absolute(operator: str, bound: float) -> Iterator[Condition]:
    """What a condition of an absolute value says about the value: one of several holds."""
    yield operator, bound
    if operator in (">", ">="):
        yield _MIRRORED[operator], -bound


def operands(
    conditions: Sequence[Condition], operator: str, number: float | None, *, is_left: bool
) -> tuple[Condition, ...]:
    """What conditions of a result of arithmetic with a number say about the other operand."""
    if number is None:
        return ()
    return tuple(each for condition in conditions for each in _operand(condition, operator, number, is_left=is_left))


def _operand(condition: Condition, operator: str, number: float, *, is_left: bool) -> Iterator[Condition]:
    comparison, bound = condition
    match operator:
        case "+":
            yield comparison, bound - number
        case "-" if is_left:
            yield comparison, bound + number
        case "-":
            yield _MIRRORED.get(comparison, comparison), number - bound
        case "*" if number > 0:
            yield comparison, bound / number
        case "/" if is_left and number > 0:
            yield comparison, bound * number

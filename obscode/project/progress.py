"""Progress of long work, reported through a callback: the library prints nothing."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what a command is working on.

    A call with an item says that one more item of the task is done or begins; a call without one begins a task that
    is not counted.

    Args:
        task: what is being done, such as `test`.
        item: the file, the rule or the program that it is done with.
        total: the number of items, where it is known.
    """

    def __call__(self, task: str, item: str = "", *, total: int | None = None) -> None: ...


class MeasuredProgress(Protocol):
    """Receives how far a long task is; called several times a second, also while no item ends.

    Args:
        task: what is being done, such as `test`.
        item: the item that ended last; empty for none.
        total: the number of items.
        done: the number of items that ended.
        remaining: the seconds until the task ends; None while they cannot be estimated.
    """

    def __call__(self, task: str, item: str, *, total: int, done: int, remaining: float | None) -> None: ...


def no_progress(
    task: str, item: str = "", *, total: int | None = None, done: int | None = None, remaining: float | None = None
) -> None:
    """Ignore progress."""

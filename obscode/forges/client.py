"""A forge, and the request whose comments are read and written."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import Request

from obscode.clients.http_config import HttpConfig
from obscode.clients.json_client import JsonClient

_PAGE = 100  # the most comments that GitHub and GitLab send at once
_MAX_PAGES = 100


@dataclass(frozen=True)
class Comment:
    """A comment: its number and its text."""

    number: int
    text: str


class Forge(JsonClient, ABC):
    """The comments of one pull request or merge request. Methods raise ServerError."""

    #: What the forge says about a token that may not write.
    permission = ""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        super().__init__(url, HttpConfig({"Content-Type": "application/json", **headers}))

    @abstractmethod
    def comments(self) -> Iterator[Comment]:
        """All comments, the oldest first."""

    @abstractmethod
    def create(self, text: str) -> None:
        """Write a comment."""

    @abstractmethod
    def update(self, number: int, text: str) -> None:
        """Replace the text of a comment."""

    def send(self, method: str, path: str, value: object) -> Any:
        """Send a JSON value."""
        return self._json(Request(f"{self.url}{path}", json.dumps(value).encode(), self._headers, method=method))

    def pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        """The items of all pages of a list; a forge without pages sends the whole list as the first one."""
        first = None
        for number in range(1, _MAX_PAGES + 1):
            page = self.get(path, {"per_page": str(_PAGE), "page": str(number)})
            if not page or page[0] == first:
                return
            first = first or page[0]
            yield from page
            if len(page) < _PAGE:
                return

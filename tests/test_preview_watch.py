"""`obscode watch`: the browser reads a page again when what it displays is saved."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from conftest import ProjectFolder

from obscode.findings.finding import Finding
from obscode.preview.watch import Watcher
from obscode.preview.watched_project import WatchedProject
from obscode.toolchain import Tool

SERVICE = """\
NAME = Service(
    "NAME",
    owner="team",
    scrape=ScrapeJob(["NAME:8000"]),
    metrics=[metrics.Counter("requests_total", labels={"status": ["200", "500"]})],
    dashboard=[Row("Requests", panels.TimeSeries("Rate", "sum(rate(requests_total[5m]))"))],
)
"""


def service(name: str, title: str = "Rate") -> str:
    return SERVICE.replace("NAME", name).replace('"Rate"', f'"{title}"')


@contextmanager
def watched(
    project: ProjectFolder, tool: Tool, reports: list[tuple[frozenset[str] | None, list[Finding]]]
) -> Iterator[str]:
    """The address of a watcher, which runs in a thread for the time of the block."""
    over, ready = threading.Event(), threading.Event()
    address: list[str] = []

    def report(changed: frozenset[str] | None, findings: list[Finding]) -> None:
        reports.append((changed, findings))
        ready.set()

    def run() -> None:
        pages = WatchedProject(project.definitions, (), tool)
        try:
            watcher = Watcher(pages, project.definitions, 0, report)
            address.append(watcher.url)
            watcher.run(over.is_set)
        finally:
            pages.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(30)
        yield address[0]
    finally:
        over.set()
        thread.join(30)


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def test_a_save_refreshes_the_page_of_its_service_only(project_folder: ProjectFolder, newest_prometheus: Tool) -> None:
    reports: list[tuple[frozenset[str] | None, list[Finding]]] = []
    project_folder.write(shop=service("shop"), cart=service("cart"))
    with watched(project_folder, newest_prometheus, reports) as url:
        assert "shop.html" in read(url)
        before = read(f"{url}shop.html")
        assert "EventSource" in before
        with (
            urllib.request.urlopen(f"{url}events?page=shop.html", timeout=60) as shop,
            urllib.request.urlopen(f"{url}events?page=cart.html", timeout=60) as cart,
        ):
            project_folder.write(shop=service("shop", "Requests per second"))
            assert json.loads(shop.readline().removeprefix(b"data: ")) == {"reload": True, "errors": ""}
            assert json.loads(cart.readline().removeprefix(b"data: ")) == {"reload": False, "errors": ""}
            assert read(f"{url}shop.html") != before
            shop.readline()
            project_folder.write(shop="shop = Service(")
            message = json.loads(shop.readline().removeprefix(b"data: "))
            assert message["reload"] is False
            assert "was never closed" in message["errors"]
        assert [changed for changed, _ in reports[:2]] == [None, frozenset({"shop"})]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            read(f"{url}other.html")


def test_a_page_of_another_site_gets_no_answer(project_folder: ProjectFolder, newest_prometheus: Tool) -> None:
    project_folder.write(shop=service("shop"))
    with watched(project_folder, newest_prometheus, []) as url:
        request = urllib.request.Request(url, headers={"Host": "example.com:80"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=60)

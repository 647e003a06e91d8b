"""Targets in files that another program writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obscode.findings.finding import Finding
from obscode.model.discovery.base import DISCOVERY, RefreshedDiscovery, listed, present

# discovery/file/file.go: patFileSDName
_PATTERN = re.compile(r"[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)")


@dataclass(frozen=True)
class File(RefreshedDiscovery):
    """Targets in JSON or YAML files on the machine of Prometheus, which reads them when they change.

    `discovery.File("targets/*.json")`

    Attributes:
        paths: the path of the file, or several; the last part may have a `*`.
    """

    sd_configs = "file_sd_configs"

    paths: str | Sequence[str]

    def configuration(self) -> Mapping[str, Any]:
        return {"files": listed(self.paths), **present(refresh_interval=self.refresh)}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if not self.paths:
            yield self.finding(DISCOVERY, "paths= is empty", 'write "targets/*.json", for example', at="paths")
        for i, path in enumerate(listed(self.paths)):
            if path and not _PATTERN.fullmatch(path):
                message = f"{path!r} is not the path of a .json, .yml or .yaml file with a '*' in its last part at most"
                item = None if isinstance(self.paths, str) else i
                yield self.finding(DISCOVERY, message, 'write "targets/*.json", for example', at="paths", item=item)

"""Environment variables whose values are secrets, by their names: `X_TOKEN`, `GRAFANA_PASSWORD`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

_NAME = re.compile(
    r"(.*_)?(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PW|API_?KEY|\w+_KEY|KEY|CREDENTIALS?|AUTH|DSN"
    r"|WEBHOOK(_UR[IL])?|(TOKEN|SECRET|PASSWORD|KEY)_?(VALUE|\d+))",
    re.IGNORECASE,
)


def secrets(names: Iterable[str]) -> Mapping[str, str]:
    """The variables with names of secrets among those that were read, with their values; `*` stands for all."""
    read = {*os.environ} if "*" in names else {*names}
    return {name: value for name in sorted(read) if _NAME.fullmatch(name) and (value := os.environ.get(name, ""))}

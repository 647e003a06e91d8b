"""The files of a new repository beside its definitions: make, continuous integration, pre-commit."""

from __future__ import annotations

from collections.abc import Mapping

MAKEFILE = """\
# The commands of this repository. OBSCODE selects the program: make OBSCODE='uvx obscode' build
OBSCODE ?= $(firstword $(wildcard .venv/bin/obscode) obscode)

.PHONY: build check test
build: ## compile definitions/ into build/
\t$(OBSCODE) build

check: .tools ## all checks, with promtool and amtool
\t$(OBSCODE) check

test: .tools ## the unit tests of the rules, on a real Prometheus
\t$(OBSCODE) test

.tools:
\t$(OBSCODE) tools install
"""

_GITHUB = """\
name: monitoring
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  monitoring:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - uses: actions/cache@v4
        with:
          path: .tools
          key: obscode-tools-{version}
      - run: pip install 'obscode[re2]=={version}'
      - run: obscode tools install
      - run: obscode build --check
      - run: obscode check --format github
      - run: obscode test
"""

_GITLAB = """\
monitoring:
  image: python:3.12
  cache:
    key: obscode-tools-{version}
    paths: [.tools]
  script:
    - pip install 'obscode[re2]=={version}'
    - obscode tools install
    - obscode build --check
    - obscode check
    - obscode test
"""

_PRE_COMMIT = """\
repos:
  - repo: local
    hooks:
      - id: obscode
        name: obscode build --check
        entry: obscode build --check
        language: python
        additional_dependencies: ["obscode[re2]=={version}"]
        files: ^(definitions|build)/
        pass_filenames: false
"""

_GIT_IGNORE = """\
.venv/
.tools/
.obscode-cache/
__pycache__/
"""

#: The files for continuous integration, by the name of the option.
INTEGRATIONS: Mapping[str, tuple[str, str]] = {
    "github": (".github/workflows/monitoring.yml", _GITHUB),
    "gitlab": (".gitlab-ci.yml", _GITLAB),
    "pre-commit": (".pre-commit-config.yaml", _PRE_COMMIT),
}


def repository_files(integrations: tuple[str, ...], version: str) -> Mapping[str, str]:
    """The texts of the files, by path; ``version`` is that of obscode."""
    chosen = [INTEGRATIONS[name] for name in integrations]
    texts = {path: text.replace("{version}", version) for path, text in chosen}
    return {"Makefile": MAKEFILE, ".gitignore": _GIT_IGNORE, **texts}

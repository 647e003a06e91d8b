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
  pull-requests: write  # for the comment
jobs:
  monitoring:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 2  # with the base of a pull request, the first parent of the merge commit
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
      - if: ${{ !cancelled() && github.event_name == 'pull_request' }}
        run: obscode diff HEAD^1 --path build --format markdown | tee -a "$GITHUB_STEP_SUMMARY" | obscode comment -
        env:
          GITHUB_TOKEN: ${{ github.token }}
      - if: ${{ !cancelled() && github.event_name == 'pull_request' }}
        run: obscode preview --base HEAD^1
      - if: ${{ !cancelled() && github.event_name == 'pull_request' }}
        uses: actions/upload-artifact@v4
        with:
          name: dashboards
          path: preview
"""

_GITLAB = """\
monitoring:
  image: python:3.12
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  variables:
    GIT_DEPTH: 0  # with the base of a merge request
  cache:
    key: obscode-tools-{version}
    paths: [.tools]
  script:
    - pip install 'obscode[re2]=={version}'
    - obscode tools install
    - obscode build --check
    - obscode check
    - obscode test
    # The comment needs GITLAB_TOKEN, a project access token with the scope api.
    - |
      if [ -n "${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}" ]; then
        obscode diff "$CI_MERGE_REQUEST_DIFF_BASE_SHA" --path build --format markdown > diff.md
        cat diff.md
        obscode comment diff.md
        obscode preview --base "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
      fi
  artifacts:
    when: always
    expose_as: dashboards
    paths: [preview/]
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
preview/
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

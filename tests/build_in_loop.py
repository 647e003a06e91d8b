"""Build two versions of a tree in a loop until killed: `python build_in_loop.py OUT`."""

import sys
from pathlib import Path

from obscode.artifacts.files import File
from obscode.project.build import write


def _version(number: int) -> list[File]:
    """Files that both versions have, with other text, and files of this version only."""
    text = f"version {number}\n" * 100
    shared = [File(f"prometheus/rules/{name}.yml", text) for name in range(20)]
    return [*shared, *(File(f"grafana/dashboards/version-{number}/{name}.json", text) for name in range(5))]


VERSIONS = [_version(0), _version(1)]

if __name__ == "__main__":
    print("ready", flush=True)
    while True:
        for version in VERSIONS:
            write(version, Path(sys.argv[1]))

"""Build two versions of a tree in a loop until killed: `python build_in_loop.py OUT`."""

import sys
from pathlib import Path

from obscode.artifacts.files import File
from obscode.project.build import write

VERSIONS = [[File(f"{number}/file-{name}", f"version {number}\n" * 100) for name in range(20)] for number in range(2)]

if __name__ == "__main__":
    print("ready", flush=True)
    while True:
        for version in VERSIONS:
            write(version, Path(sys.argv[1]))

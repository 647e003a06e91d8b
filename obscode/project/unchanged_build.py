"""Recognise a build that would change nothing, without importing the compiler.

A finished build leaves a record in the cache: everything that it read (`build_inputs`), its output files, and what it
reported. If all of it is the same, a build would read the same, report the same and write the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from obscode.findings.finding import Finding, relative
from obscode.findings.json_values import finding_from_json, finding_json
from obscode.project.build_inputs import FileState, Inputs, listing
from obscode.project.cache import Cache, code_key, key

if TYPE_CHECKING:
    from obscode.project.changed_services import ChangedServices
    from obscode.project.input_recorder import InputRecorder

_KIND = "builds"
# They change how Python reads files, prints numbers and orders sets, before any code asks for them.
_VARIABLES = ("LANG", "LANGUAGE", "PYTHONHASHSEED", "TZ")


@dataclass(frozen=True)
class Report:
    """What a build prints when it changes nothing.

    Attributes:
        files: the number of files of the output.
        summary: `9 recording rules, 3 alerts, 1 dashboard`.
        findings: warnings and notes.
        foreign: rule files in the output folder that obscode did not write.
    """

    files: int
    summary: str
    findings: Sequence[Finding] = ()
    foreign: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as values of JSON."""
        return {**vars(self), "findings": [finding_json(finding) for finding in self.findings]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The report of ``as_json``; raises TypeError and similar for other values."""
        return cls(**{**values, "findings": [finding_from_json(item) for item in values["findings"]]})


class UnchangedBuild:
    """The record of the last build of a folder of definitions into an output folder."""

    def __init__(self, definitions: Path, out: Path, is_cached: bool = True) -> None:
        self._cache, self._out = Cache.beside(definitions), out
        self._key = _identity(definitions, out) if is_cached else ""
        self._recorder: InputRecorder | None = None
        self.changed_services: ChangedServices | None = None

    def find(self, only_check: bool) -> Report | None:
        """What a build would report, if it would change nothing.

        A build rejects more than ``--check``, such as links in the output folder: it needs the record of a build.
        """
        text = self._key and self._cache.get(_KIND, self._key)
        if not text:
            return None
        try:
            record = json.loads(text)
            inputs, report = Inputs.from_json(record["inputs"]), Report.from_json(record["report"])
            current = inputs.checked(time.time_ns()) if record["written"] or only_check else None
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
            return None
        if current is None:
            return None
        if current != inputs:
            self._put({**record, "inputs": current.as_json()})
        return report

    def recording(self) -> AbstractContextManager[None]:
        """Record what the build in the block reads."""
        if not self._key:
            return nullcontext()
        from obscode.project.changed_services import ChangedServices
        from obscode.project.input_recorder import InputRecorder

        self._recorder = InputRecorder(os.path.realpath(self._cache.folder))
        self.changed_services = ChangedServices(self._cache, self._key, self._out, self._recorder.paused)
        return self._recorder.recording()

    def user_code(self) -> AbstractContextManager[None]:
        """Watch what the user's code calls in the block."""
        return self._recorder.user_code() if self._recorder else nullcontext()

    def remember(
        self, report: Report, texts: Mapping[str, str], others: Mapping[str, FileState | None], only_check: bool
    ) -> Sequence[str]:
        """Keep the record of a build whose output folder has these texts by path.

        ``others`` are further files there, with the states that they should have, or None for any.
        Returns the reasons not to, such as a definition that reads the clock.
        """
        if self._recorder is None:
            return []
        from obscode.project.impure_calls import is_installed
        from obscode.project.manifest import MANIFEST

        inputs, out = self._recorder.inputs(), os.path.realpath(self._out)
        outputs = _outputs(out, texts, others)
        if outputs is None or any(outputs.folders.get(path, names) != names for path, names in inputs.folders.items()):
            self._recorder.impure(f"{relative(str(self._out))} changed during the build")
        if self._recorder.reasons or outputs is None:
            return self._recorder.reasons
        earlier = self.changed_services and self.changed_services.record
        files = {**(earlier.libraries if earlier else {}), **inputs.files, **outputs.files}
        folders = {**inputs.folders, **outputs.folders}
        same = replace(inputs, files=files, folders=folders)
        self._put({"written": not only_check, "inputs": same.as_json(), "report": report.as_json()})
        if self.changed_services:
            libraries = {path: state for path, state in inputs.files.items() if is_installed(path)}
            written = {path: outputs.files[os.path.join(out, path)] for path in (*texts, *others) if path != MANIFEST}
            self.changed_services.remember(libraries, written)
        return []

    def _put(self, record: Mapping[str, Any]) -> None:
        with self._cache as cache:
            cache.put(_KIND, self._key, json.dumps(record))


def _outputs(out: str, texts: Mapping[str, str], others: Mapping[str, FileState | None]) -> Inputs | None:
    """The files of the output and the names in their folders; None if a file does not have its text or state."""
    now = time.time_ns()
    written = {name: FileState(hashlib.sha256(text.encode()).hexdigest()) for name, text in texts.items()}
    states: dict[str, FileState] = {}
    for name, state in {**written, **others}.items():
        path = os.path.join(out, name)
        current = FileState.read(path, now) if state is None else state.checked(path, now)
        if current is None:
            return None
        states[name] = current
    folders = {""}
    for name in states:
        while (name := os.path.dirname(name)) not in folders:
            folders.add(name)
    return Inputs(
        {os.path.join(out, name): state for name, state in states.items()},
        {path: listing(path) for path in (os.path.join(out, folder).rstrip(os.sep) for folder in sorted(folders))},
    )


def _identity(definitions: Path, out: Path) -> str:
    """The key of a record: what is the same for each build of these folders with this program."""
    code = code_key()
    if not code:
        return ""
    python = [
        sys.version,
        sys.executable,
        sys.prefix,
        *sys.path,
        *map(str, (sys.flags, sys.warnoptions, sys._xoptions)),
    ]
    names = sorted({*_VARIABLES, *(name for name in os.environ if name.startswith("LC_"))})
    variables = [f"{name}={os.environ.get(name)}" for name in names]
    folders = [os.getcwd(), str(definitions), str(out), os.path.realpath(definitions), os.path.realpath(out)]
    return key(code, *python, *variables, *folders)

"""A pytest plugin: each code that the tested program emits is in the registry, or the session fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from obscode.checks import registry
from obscode.findings.code import Code
from obscode.findings.finding import Finding

# Tests make codes of their own; their names begin with this, and no code of obscode does.
OF_TESTS = "test-"


_POST_INIT = Finding.__post_init__


class CodeRecorder:
    """Records the codes of all findings that are made; of two recorders, the inner one alone."""

    def __init__(self) -> None:
        self.codes: dict[str, Code] = {}

    @contextmanager
    def recording(self) -> Iterator[CodeRecorder]:
        """Record until the end of the block."""
        with pytest.MonkeyPatch.context() as patch:

            def post_init(finding: Finding) -> None:
                _POST_INIT(finding)
                self.codes[finding.code.name] = finding.code

            patch.setattr(Finding, "__post_init__", post_init)
            yield self

    def unregistered(self) -> list[str]:
        """The names of recorded codes that the registry does not know, or knows as another code."""
        known = {name: {code, Code(name, code.summary)} for name, code in registry.codes().items()}  # or from a cache
        return sorted(
            name
            for name, code in self.codes.items()
            if code not in known.get(name, ()) and not name.startswith(OF_TESTS)
        )


@pytest.fixture(scope="session", autouse=True)
def every_emitted_code_is_registered() -> Iterator[CodeRecorder]:
    """Fails at the end of the session with the codes that `obscode explain` does not know."""
    with CodeRecorder().recording() as recorder:
        yield recorder
    unregistered = recorder.unregistered()
    assert unregistered == [], "make each a module-level Code beside the function that reports it"

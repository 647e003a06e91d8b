"""`obscode fake`: a server on loopback that exposes a captured text of /metrics in a scenario."""

from obscode.fake.server import FakeTarget as FakeTarget
from obscode.fake.source import fake_replay as fake_replay

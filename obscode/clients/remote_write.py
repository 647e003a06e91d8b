"""Samples in the format of Prometheus' remote write 1.0, the only interface that takes staleness markers.

A request is a `prometheus.WriteRequest` in protocol buffers, in a Snappy block; a block of literals is valid and needs
no compressor. https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence

from obscode.promql.staleness import STALE as STALE

PATH = "/api/v1/write"
HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}

_LARGEST = 4_000_000  # bytes of a request; Prometheus decodes it as a whole
_SERIES, _LABELS, _SAMPLES = b"\x0a", b"\x0a", b"\x12"  # fields 1, 1 and 2, each with a length
_VALUE, _TIMESTAMP = b"\x09", b"\x10"  # field 1 as a double, field 2 as a number
_VALUE_AT = 3  # in the bytes of a sample, behind its own tag and length, and the tag of the value
_LITERAL_OF_4_BYTES = b"\xfc"


class TimeGrid:
    """The encoded timestamps of series with the same times, in ms, ascending.

    All have the same number of bytes as variable-length numbers, as those from 2004 to 2109 do.
    """

    def __init__(self, times: Sequence[int]) -> None:
        self.count = len(times)
        self._template = b"".join(_sample(bytes(8), _timestamp(time)) for time in times)
        self._size = len(self._template) // self.count if self.count else 1

    def encode(self, values: Sequence[float]) -> bytearray:
        """The samples with their values, as many as there are times."""
        samples = bytearray(self._template)
        packed = struct.pack(f"<{self.count}d", *values)
        for byte in range(8):
            samples[_VALUE_AT + byte :: self._size] = packed[byte::8]
        return samples


class SampleEncoder:
    """Encodes samples of any times; it keeps the encoded times, which most series share."""

    def __init__(self) -> None:
        self._times: dict[int, bytes] = {}

    def encode(self, samples: Sequence[tuple[int, float]]) -> bytes:
        """The samples, each with its time in ms."""
        times = self._times
        for time, _ in samples:
            if time not in times:
                times[time] = _timestamp(time)
        values = struct.pack(f"<{len(samples)}d", *(value for _, value in samples))
        return b"".join([_sample(values[8 * n : 8 * n + 8], times[time]) for n, (time, _) in enumerate(samples)])


def encode_series(labels: Mapping[str, str], samples: bytes | bytearray) -> bytes:
    """One series with its encoded samples."""
    return _field(_SERIES, b"".join(map(_label, sorted(labels.items()))) + samples)


def request_bodies(series: Iterable[bytes]) -> Iterator[bytes]:
    """The bodies of the requests that write encoded series."""
    part: list[bytes] = []
    size = 0
    for each in series:
        part.append(each)
        size += len(each)
        if size > _LARGEST:
            yield _snappy(b"".join(part))
            part, size = [], 0
    if part:
        yield _snappy(b"".join(part))


def _sample(value: bytes, timestamp: bytes) -> bytes:
    content = _VALUE + value + timestamp
    return _SAMPLES + bytes([len(content)]) + content


def _timestamp(time: int) -> bytes:
    return _TIMESTAMP + _varint(time)


def _label(item: tuple[str, str]) -> bytes:
    name, value = (text.encode() for text in item)
    return _field(_LABELS, _field(b"\x0a", name) + _field(b"\x12", value))


def _field(tag: bytes, content: bytes | bytearray) -> bytes:
    return tag + _varint(len(content)) + content


def _snappy(content: bytes) -> bytes:
    """A block with one literal, whose length has 4 bytes."""
    return _varint(len(content)) + _LITERAL_OF_4_BYTES + struct.pack("<I", len(content) - 1) + content


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)

"""Samples as requests of Prometheus' remote write 1.0: protocol buffers, in a Snappy block that is not compressed.

It is the only interface of Prometheus that takes staleness markers, which end a series at once.
https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from obscode.backtest.schedule import Instant

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
_LARGEST = 4_000_000  # bytes of one request
_STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
_BYTES, _DOUBLE, _VARINT = 2, 1, 0


class Written(NamedTuple):
    """A series with samples in the order of their times; ``ended`` are the times of staleness markers."""

    labels: Mapping[str, str]
    samples: Sequence[tuple[Instant, float]]
    ended: Sequence[Instant] = ()


def requests(series: Iterable[Written], times: dict[Instant, bytes]) -> Iterator[bytes]:
    """The bodies of the requests that write the series; ``times`` has the encoded times of earlier calls."""
    parts: list[bytes] = []
    size = 0
    for each in series:
        labels = b"".join(_field(1, _label(name, value)) for name, value in sorted(each.labels.items()))
        for samples in _chunks(_encoded(each, times)):
            parts.append(_field(1, labels + samples))
            size += len(parts[-1])
            if size > _LARGEST:
                yield _snappy(b"".join(parts))
                parts, size = [], 0
    if parts:
        yield _snappy(b"".join(parts))


def _encoded(series: Written, times: dict[Instant, bytes]) -> list[bytes]:
    samples = [*series.samples, *((time, _STALE) for time in series.ended)]
    if series.ended:
        samples.sort(key=lambda sample: sample[0])
    for time, _ in samples:
        if time not in times:
            times[time] = _tail(time)
    values = struct.pack(f"<{len(samples)}d", *(value for _, value in samples))
    return [_HEAD + values[8 * n : 8 * n + 8] + times[time] for n, (time, _) in enumerate(samples)]


def _chunks(samples: Sequence[bytes]) -> Iterator[bytes]:
    count = _LARGEST // 20
    for start in range(0, len(samples), count):
        yield b"".join(samples[start : start + count])


def _label(name: str, value: str) -> bytes:
    return _field(1, name.encode()) + _field(2, value.encode())


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | _BYTES]) + _varint(len(content)) + content


def _tail(time: Instant) -> bytes:
    return bytes([2 << 3 | _VARINT]) + _varint(time)


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


# A sample: its length, which the 6 bytes of a time between 1971 and 2109 determine, and the tag of the value.
_HEAD = bytes([2 << 3 | _BYTES, 16, 1 << 3 | _DOUBLE])


def _snappy(content: bytes) -> bytes:
    """A block with one literal; its length has 4 bytes."""
    return _varint(len(content)) + b"\xfc" + struct.pack("<I", len(content) - 1) + content

"""Samples in the format of Prometheus' remote write: the fastest way into a running server.

A request is a `prometheus.WriteRequest` in protobuf, compressed by snappy; a snappy block of literals only is valid and
needs no compressor. https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

#: The NaN that marks the end of a series: https://github.com/prometheus/prometheus/blob/main/model/value/value.go
STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]

_SERIES, _LABELS, _SAMPLES = b"\x0a", b"\x0a", b"\x12"  # fields 1, 1 and 2, each with a length
_VALUE, _TIMESTAMP = b"\x09", b"\x10"  # field 1 as a double, field 2 as a number
_VALUE_AT = 3  # in the bytes of a sample, behind its own tag and length, and the tag of the value
_LITERAL_OF_4_BYTES = b"\xfc"


class Samples:
    """The encoded timestamps of series; series of one grid share them.

    ``times`` are in ms, ascending, and have the same number of bytes as varints: those since 2004 do.
    """

    def __init__(self, times: Sequence[int]) -> None:
        self.count = len(times)
        parts = [_VALUE + bytes(8) + _TIMESTAMP + _varint(time) for time in times]
        self._template = b"".join(_SAMPLES + _varint(len(part)) + part for part in parts)
        self._size = len(self._template) // self.count if self.count else 1

    def encode(self, values: Sequence[float]) -> bytearray:
        """The samples with their values, as many as there are times."""
        samples = bytearray(self._template)
        packed = struct.pack(f"<{self.count}d", *values)
        for byte in range(8):
            samples[_VALUE_AT + byte :: self._size] = packed[byte::8]
        return samples


def encode_series(labels: Mapping[str, str], samples: Samples, values: Sequence[float]) -> bytes:
    """One series with its samples."""
    body = b"".join(map(_label, sorted(labels.items()))) + samples.encode(values)
    return _SERIES + _varint(len(body)) + body


def request_body(series: Iterable[bytes]) -> bytes:
    """The body of a request with encoded series, at least one."""
    message = b"".join(series)
    return _varint(len(message)) + _LITERAL_OF_4_BYTES + struct.pack("<I", len(message) - 1) + message


def _label(item: tuple[str, str]) -> bytes:
    name, value = (text.encode() for text in item)
    body = b"\x0a" + _varint(len(name)) + name + b"\x12" + _varint(len(value)) + value
    return _LABELS + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)

"""XXH64, the hash that Prometheus uses for label sets.

https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
"""

from __future__ import annotations

_MASK = 2**64 - 1
_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def xxhash64(content: bytes) -> int:
    """The hash of some bytes, with the seed 0."""
    length, at = len(content), 0
    if length >= 32:
        lanes = [(_P1 + _P2) & _MASK, _P2, 0, -_P1 & _MASK]
        while at + 32 <= length:
            lanes = [_round(lane, _number(content, at + 8 * i, 8)) for i, lane in enumerate(lanes)]
            at += 32
        value = sum(_rotated(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
        for lane in lanes:
            value = ((value ^ _round(0, lane)) * _P1 + _P4) & _MASK
    else:
        value = _P5
    return _finished(_with_rest((value + length) & _MASK, content, at))


def _with_rest(value: int, content: bytes, at: int) -> int:
    """The hash with the bytes that fill no lane."""
    while at + 8 <= len(content):
        value = (_rotated(value ^ _round(0, _number(content, at, 8)), 27) * _P1 + _P4) & _MASK
        at += 8
    if at + 4 <= len(content):
        value = (_rotated(value ^ (_number(content, at, 4) * _P1 & _MASK), 23) * _P2 + _P3) & _MASK
        at += 4
    for byte in content[at:]:
        value = _rotated(value ^ (byte * _P5 & _MASK), 11) * _P1 & _MASK
    return value


def _finished(value: int) -> int:
    value = (value ^ value >> 33) * _P2 & _MASK
    value = (value ^ value >> 29) * _P3 & _MASK
    return value ^ value >> 32


def _round(lane: int, number: int) -> int:
    return _rotated((lane + number * _P2) & _MASK, 31) * _P1 & _MASK


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & _MASK


def _number(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(content[at : at + size], "little")

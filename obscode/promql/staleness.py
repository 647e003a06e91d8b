"""The value that ends a series."""

import struct

#: The NaN that marks the end of a series: https://github.com/prometheus/prometheus/blob/main/model/value/value.go
STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]

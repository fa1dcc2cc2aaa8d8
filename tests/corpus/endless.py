"""A file that HDF5 reads for ever: the free space of its heap of texts is said to take no bytes.

Its reader steps from one object of the heap to the next by their sizes, inside C code that holds Python's lock.
"""

from __future__ import annotations

import struct

from corpus import good

HEAP, HEADER, OBJECT = b"GCOL", 16, 16


def endless_file() -> bytes:
    """Return the ordinary .h5 file with that one size set to nothing."""
    data = bytearray(good.legacy())
    heap = data.index(HEAP)
    (length,) = struct.unpack_from("<Q", data, heap + 8)
    at = heap + HEADER
    while at + OBJECT <= heap + length:
        index, _, _, size = struct.unpack_from("<HHIQ", data, at)
        if not index:
            struct.pack_into("<Q", data, at + 8, 0)
            return bytes(data)
        at += OBJECT + -(-size // 8) * 8
    raise AssertionError("the heap has no free space: HDF5 lays it out another way now")

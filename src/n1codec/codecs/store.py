"""The samples as they are: the baseline, and the end of pipelines whose transforms do all the work."""

from __future__ import annotations

from dataclasses import dataclass

from n1codec.codec import ByteCoder


@dataclass(frozen=True)
class Store(ByteCoder):
    """Little-endian bytes of the samples, C order, uncompressed."""

    name = "store"

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Copy the bytes."""
        return bytes(data)

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Return the bytes."""
        return payload

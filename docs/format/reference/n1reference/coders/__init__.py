"""Coders, decoded: one module a page of docs/format.

Each is a function of the payload, the layout of the samples and the parameters; it returns the samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from n1reference.coders import arithmetic, huffman, rans, rice, rle, standard
from n1reference.n1.payload import decode_payload
from n1reference.params import only
from n1reference.samples import Layout

Decode = Callable[[bytes, Layout], list[int]]


def _n1(payload: bytes, layout: Layout) -> list[int]:
    return decode_payload(payload, layout)


CODERS: Final[dict[str, Decode]] = {
    "arithmetic": arithmetic.decode,
    "bz2": standard.decode_bz2,
    "gzip": standard.decode_gzip,
    "huffman": huffman.decode,
    "lzma": standard.decode_lzma,
    "n1": _n1,
    "rans": rans.decode,
    "rice": rice.decode,
    "rle": rle.decode,
    "store": standard.decode_store,
    "zlib": standard.decode_zlib,
}

WRAPPED: Final = frozenset(
    (
        "alac",
        "blosc",
        "brotli",
        "bzip3",
        "flac",
        "lz4",
        "lz4hc",
        "mtscomp",
        "numcodecs_zstd",
        "openzl",
        "pcodec",
        "wavpack",
        "zstd",
    )
)
"""Coders of libraries beyond the standard one: docs/format/wrapped.md says how they are framed."""


def decode(name: str, params: Mapping[str, str], payload: bytes, layout: Layout) -> list[int]:
    """Return the samples of a payload of the coder of this name, which has no parameters that a decoder needs."""
    only(params)
    return CODERS[name](payload, layout)

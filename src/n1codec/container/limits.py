"""The markers of the file and its limits: a decoder refuses what lies beyond them before it takes memory for it."""

from __future__ import annotations

from typing import Final

SUFFIX: Final = ".n1c"

MAGIC: Final = b"\x89N1C"
"""First bytes of a file. The first one is no ASCII, so no text file and no 7-bit transfer passes for one."""
VERSION: Final = 0
"""Of the file. Zero until release 1.0, whose files begin with version 1 and which refuses this one."""
SYNC: Final = b"\xb7N1\xe5"
"""First bytes of a chunk. The first one is not zero, which is how the index begins."""
INDEX_MARK: Final = 0
END_MAGIC: Final = b"C1N\x89"
"""Last bytes of a finished file."""

FOOTER_BYTES: Final = 8
BLOCK_TRAILER_BYTES: Final = 12

MAX_HEADER_BYTES: Final = 1 << 26
"""Most bytes of the header's body."""
MAX_ATTRIBUTES_BYTES: Final = 1 << 24
"""Most bytes of the attributes as JSON text."""
MAX_JSON_VALUES: Final = 1 << 20
"""Most commas, colons and opening brackets in the attributes: room for names, gains and offsets of all channels, and more."""
MAX_JSON_DEPTH: Final = 64
"""Deepest nesting of metadata."""
MAX_JSON_DIGITS: Final = 1000
"""Most characters of a number in the attributes."""
MIN_RATE: Final = 1e-9
MAX_RATE: Final = 1e12
"""Sampling rates in Hz."""
MAX_SIDECAR_BYTES: Final = 1 << 24
"""Most bytes of all sidecar files."""
MAX_SIDECARS: Final = 16
MAX_RESTORE_BYTES: Final = (1 << 24) + 64
"""Most restore bytes: what `n1codec.formats` makes of the most bytes beside the samples, with room for its header."""
MAX_WIDTHS_BYTES: Final = 1 << 20
"""Most bytes of code widths."""
MAX_BUNDLES: Final = 1 << 12
"""Most bundles of channels."""
MAX_BLOCK_VALUES: Final = 1 << 24
"""Most values in a block: the samples of one chunk and one bundle of channels."""
STRETCH_VALUES: Final = 1 << 17
"""Most values of a bundle that have one hash, or one frame: where a reader may stop."""
MAX_CHUNK_VALUES: Final = 1 << 26
"""Most values in a chunk."""
MAX_BLOCK_BYTES: Final = 1 << 28
"""Most bytes of an encoded block."""
MAX_SAMPLES: Final = 1 << 48
"""Most samples of a channel: 300 years at 30 kHz."""
MAX_CHUNKS: Final = 1 << 22
"""Most chunks of a file."""
MAX_INDEX_BYTES: Final = 1 << 28
"""Most bytes of the index, the copy of the header in it included."""

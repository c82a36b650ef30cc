"""What the comparison before this one published: github.com/mikaelhaji/n1-codec, its `compression_results.csv` of June 2024.

Facts only: for each mode the bytes that it counted of all 743 files, and its two columns of speed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SOURCE_BYTES: Final = 146_800_526
"""Bytes of the 743 WAV files."""

RECORDINGS: Final = 743


class Published(NamedTuple):
    """One mode: bytes of its files, and "xRT" as its script has them."""

    size: int
    compression: float
    decompression: float

    @property
    def ratio(self) -> float:
        return SOURCE_BYTES / self.size

    @property
    def decoding(self) -> float:
        """Times real time as this package has them: the script divides the seconds of all 743 files by 5, once."""
        return RECORDINGS * 5.0 / (self.decompression * 5.0)


PUBLISHED: Final = {
    "huff": Published(57_826_516, 0.03, 36.2),
    "delta_huff": Published(51_068_198, 0.03, 34.2),
    "zstd": Published(59_111_268, 0.03, 22.8),
    "delta_zstd": Published(60_910_213, 0.03, 23.2),
    "blosc_zstd": Published(59_424_916, 0.03, 23.4),
    "delta_blosc_zstd": Published(60_829_207, 0.03, 23.6),
    "blosc_lz4": Published(109_537_013, 0.03, 22.0),
    "delta_blosc_lz4": Published(112_012_040, 0.02, 24.0),
    "blosc_lz4hc": Published(79_963_216, 0.03, 19.8),
    "delta_blosc_lz4hc": Published(82_230_874, 0.03, 22.8),
    "blosc_zlib": Published(64_211_736, 0.04, 20.6),
    "delta_blosc_zlib": Published(63_817_770, 0.04, 22.2),
    "gzip": Published(64_202_820, 0.03, 22.4),
    "delta_gzip": Published(63_808_854, 0.04, 21.8),
    "lzma": Published(53_302_030, 0.03, 24.2),
    "delta_lzma": Published(56_721_954, 0.04, 23.0),
    "lz4": Published(131_792_892, 0.03, 22.8),
    "delta_lz4": Published(133_649_460, 0.04, 15.6),
    "lstd_numcodec": Published(59_407_084, 0.03, 23.0),
    "delta_lstd_numcodec": Published(60_811_375, 0.03, 22.0),
    "bz2": Published(47_121_587, 0.03, 22.6),
    "delta_bz2": Published(54_215_332, 0.03, 22.6),
    "wavpack": Published(98_419_448, 0.03, 25.4),
    "delta_wavpack": Published(97_902_862, 0.03, 26.4),
}

"""Entropy coders of whole samples: Huffman, arithmetic, rANS and Golomb-Rice, all from the native core.

The first three count how often each value occurs, over the whole array, and code each sample by that alone (order 0): what
neighbouring samples have in common is for transforms in front of them to remove. Tables are part of the payload. Values are
symbols as they are; where that would take too large a table (wide integers, noise), symbols tell the high bits of the
distance from the median and the low bits follow as they are. The Rice code has no table: it follows the running mean of each
channel. Whatever does not shrink is stored, so no payload takes more than one byte above the samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n1codec import _core
from n1codec.codec import Coder, Layout, Samples


def _format(layout: Layout) -> tuple[int, bool]:
    """Return what the core wants to know of a dtype: bytes of a sample, and whether it is signed."""
    return layout.dtype.itemsize, layout.dtype.kind == "i"


@dataclass(frozen=True)
class Huffman(Coder):
    """Canonical Huffman code of whole samples (Huffman, 1952), codes of at most 20 bits.

    Within one bit a sample of the order-0 entropy; the table costs about half a byte for each distinct value.
    """

    name = "huffman"

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Encode samples."""
        return _core.huffman_encode(samples, *_format(Layout.of(samples)))

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode samples; ``ValueError`` on data that makes no sense."""
        samples = np.empty(layout.shape, layout.dtype)
        _core.huffman_decode(payload, samples, *_format(layout))
        return samples


@dataclass(frozen=True)
class Arithmetic(Coder):
    """Arithmetic coding of whole samples with a range coder (Martin, 1979).

    Parameters
    ----------
    model : {"adaptive", "static"}
        Learn how likely each value is on the way (a binary tree of adaptive bits), or count first and send the counts. A
        decoder reads it from the payload.
    """

    name = "arithmetic"
    encode_only = frozenset({"model"})

    model: str = "adaptive"

    def __post_init__(self) -> None:
        self.check_choice("model", ("adaptive", "static"))

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Encode samples."""
        return _core.arithmetic_encode(samples, *_format(Layout.of(samples)), self.model == "adaptive")

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode samples; ``ValueError`` on data that makes no sense."""
        samples = np.empty(layout.shape, layout.dtype)
        _core.arithmetic_decode(payload, samples, *_format(layout))
        return samples


@dataclass(frozen=True)
class Rans(Coder):
    """Range asymmetric numeral system (Duda, arXiv:1311.2540): as tight as arithmetic coding, as fast as Huffman.

    A static table of frequencies in up to 16 bits, and four interleaved 64-bit states.
    """

    name = "rans"

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Encode samples."""
        return _core.rans_encode(samples, *_format(Layout.of(samples)))

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode samples; ``ValueError`` on data that makes no sense."""
        samples = np.empty(layout.shape, layout.dtype)
        _core.rans_decode(payload, samples, *_format(layout))
        return samples


@dataclass(frozen=True)
class Rice(Coder):
    """Adaptive Golomb-Rice code (Rice, 1979), its parameter following a running mean of each channel.

    Signed samples are taken as small if they are near 0, unsigned ones if they are small: put a prediction in front.
    """

    name = "rice"

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Encode samples."""
        layout = Layout.of(samples)
        return _core.rice_encode(samples, *_format(layout), layout.channels)

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode samples; ``ValueError`` on data that makes no sense."""
        samples = np.empty(layout.shape, layout.dtype)
        _core.rice_decode(payload, samples, *_format(layout), layout.channels)
        return samples

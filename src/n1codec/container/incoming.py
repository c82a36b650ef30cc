"""Samples on their way into a file: whether they fit it, and where they wait until they are a chunk."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike

from n1codec import arguments
from n1codec.codec import Samples
from n1codec.container.header import Header
from n1codec.errors import UnsupportedError


def fitting(header: Header, samples: ArrayLike) -> Samples:
    """Return samples as an array of a file's type, in either byte order, and shape.

    Raises
    ------
    UnsupportedError
        If they are of another one.
    """
    array = arguments.array("samples", samples)
    if array.dtype.newbyteorder("=") != header.dtype.newbyteorder("="):
        raise UnsupportedError(f"samples must be {header.dtype.name}, not {array.dtype}")
    if array.ndim == 0 or array.shape != header.layout(len(array)).shape:
        wanted = "(n,)" if header.channels is None else f"(n, {header.channels})"
        raise UnsupportedError(f"samples must have shape {wanted}, not {array.shape}")
    return array


def new_buffers(header: Header, frames: int) -> list[Samples]:
    """Return room for a chunk: each bundle of channels apart, as the coder will read it, and all in one piece of memory.

    A large piece is had in huge pages, where the system has them, which takes a fraction of the time.
    """
    shapes = [header.block_layout(frames, each).shape for each in range(len(header.bundles))]
    ends = list(itertools.accumulate(map(math.prod, shapes)))
    room = np.empty(ends[-1], header.dtype)
    return [room[end - math.prod(shape) : end].reshape(shape) for shape, end in zip(shapes, ends, strict=True)]


def put(header: Header, part: Samples, buffers: list[Samples], at: int) -> None:
    """Copy samples of all channels into the buffers from a place on."""
    for buffer, (first, stop) in zip(buffers, header.bundles, strict=True):
        buffer[at : at + len(part)] = part if header.channels is None else part[:, first:stop]

"""The n1 coder: learns the converter behind a recording, predicts each sample in time and across channels, codes the rest.

The core looks for the lattice of the stored values (an ADC's codes, scaled, say) and for the widths of the codes, predicts
each sample from its channel's past and from channels beside it on the axis of voltages that this gives, and codes the
sample by the mass that a bell-shaped law around the prediction has between the edges of each code. Channels that nothing
explains are packed; what does not shrink at all is stored.

An array is cut along time into equal blocks that are coded on their own, by several threads if there are some; up to level 6
256 channels and more in halves, too. Where it is cut follows from its shape and the level (``core/src/wire/payload.c``), so the
bytes do not depend on the threads.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import ClassVar, Final

import numpy as np
from numpy.typing import ArrayLike

from n1codec import _core, arguments, varint
from n1codec.codec import Coder, Layout, Parts, Samples, Watch
from n1codec.errors import UnsupportedError
from n1codec.threads import Beside, Workers

Part = tuple[int, int, tuple[int, int] | None]
"""Samples that are coded on their own: of the first up to the last, all channels, or the first up to the last of them."""
LEARNED: Final = 1 << 23
"""Most values that code widths are learned from."""
HALVED: Final = 256
"""From so many channels on they are learned of two halves, side by side if there are threads."""
WIRED: Final = 96
"""Channels after which the wiring of every probe's converters, 24 or 32 of them, is the same again."""


@dataclass(frozen=True)
class N1(Coder):
    """The codec of this package: converter, prediction in time and space, and the right law for what is left.

    Parameters
    ----------
    level : int
        Higher is slower and smaller. 1 to 4 fit predictors to each channel, send them, and code with SIMD kernels; decoding
        is fast at each. 5 and 6 do so with more care for 2 to 7 channels; for 8 to 63 they learn as they go, from two or
        four neighbouring channels, and decode as they encode, or fit and send where that promises less. 7 to 9 mix several
        such predictions bit by bit: a few MB/s, and the smallest. From 64 channels on, 4 to 9 code frame after frame from up
        to 24 neighbours, fitted and sent. Levels 3 and 4 are the same for fewer; for one channel, 5 is, too.

    Notes
    -----
    The payload is the number of blocks as a varint, or that of pairs of halves behind a zero, and the blocks, each after its
    length where there are several. A block never takes more than 16 bytes above its samples.
    """

    name = "n1"
    encode_only = frozenset({"level"})
    threaded = True
    takes_views = True
    WIDE_FROM: ClassVar[int] = 4
    """The level from which on many channels are coded by widths that are learned, or known."""
    widths: ClassVar[bytes] = b""
    """Code widths that are known: see :meth:`knowing`."""

    level: int = 5

    def __post_init__(self) -> None:
        self.check_range("level", 1, _core.N1_MAX_LEVEL)

    def knowing(self, widths: bytes) -> N1:
        """Return the coder with code widths at hand: short blocks of many channels need not learn them anew."""
        known = copy.copy(self)
        object.__setattr__(known, "widths", arguments.data("widths", widths))
        return known

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Encode samples; the bytes do not depend on the threads."""
        return b"".join(self.encode_parts(samples, threads=threads))

    def encode_parts(self, samples: Samples, *, threads: int = 1, beside: Beside | None = None) -> Parts:
        """Encode samples to their blocks, each after its length if there are several; something else is done beside."""
        layout = Layout.of(samples)
        samples = np.require(samples, requirements=["C", "A"])
        head, parts = _core.n1_cuts(layout.shape[0], layout.channels, self.level)

        def work(part: Part) -> bytes:
            start, stop, columns = part
            return _core.n1_encode(
                samples[start:stop], *_format(layout), self.level, tables=self.widths, columns=columns
            )

        with Workers(threads) as workers:
            blocks = _in_order(partial(workers.share, work, beside=beside), parts, layout.channels)
        if len(blocks) == 1:
            return head, *blocks
        return head, *(part for block in blocks for part in (varint.pack(len(block)), block))

    def decode_some(self, payload: bytes | memoryview, layout: Layout, start: int, stop: int) -> tuple[Samples, int]:
        """Decode frames: of a single block for many channels, no more than from the start of a section on."""
        parts, blocks = _core.n1_open(payload, layout.shape[0], layout.channels)
        n_samples, data = layout.shape[0], memoryview(payload)
        if not start < stop or parts[0][1] < n_samples:
            return self.decode(payload, layout), 0
        itemsize, is_signed, channels = _format(layout)
        reached = list[tuple[int, int]]()
        for (_, _, columns), block in zip(parts, blocks, strict=True):
            width = columns[1] - columns[0] if columns else channels
            reached.append(_core.n1_reach(data[slice(*block)], itemsize, is_signed, width, n_samples, (start, stop)))
        begins, ends = zip(*reached, strict=True)
        first = min(begins)
        samples = np.empty((max(ends) - first, *layout.shape[1:]), layout.dtype)
        for part, block, (begin, end) in zip(parts, blocks, reached, strict=True):
            out = samples[begin - first : end - first]
            self._decode_part(data[slice(*block)], out, layout, part, (n_samples, begin))
        if len(set(reached)) == 1:
            return samples, first
        return samples[max(begins) - first : min(ends) - first].copy(), max(begins)  # what is there of both halves

    def decode(self, payload: bytes | memoryview, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode samples; ``ValueError`` or an error of the package on data that makes no sense."""
        return self.decode_watched(payload, layout, lambda _samples, _frames: None, threads=threads)

    def decode_watched(self, payload: bytes | memoryview, layout: Layout, watch: Watch, *, threads: int = 1) -> Samples:
        """Decode samples, and tell of each part that is there with all before it."""
        parts, blocks = _core.n1_open(payload, layout.shape[0], layout.channels)
        samples, data = np.empty(layout.shape, layout.dtype), memoryview(payload)

        ready = _Ready([start for start, _, _ in parts[1:]] + [len(samples)])

        def work(at: int) -> None:
            first, last, _ = parts[at]
            self._decode_part(data[slice(*blocks[at])], samples[first:last], layout, parts[at])
            ready.tell(at, partial(watch, samples))

        with Workers(threads) as workers:
            workers.share(work, range(len(blocks)))
        return samples

    def _decode_part(
        self, block: memoryview, out: Samples, layout: Layout, part: Part, span: tuple[int, int] | None = None
    ) -> None:
        """Fill the samples of a part, all channels wide; or some: `span` says how many frames it has, and their first."""
        _core.n1_decode(block, out, *_format(layout), tables=self.widths, columns=part[2], span=span)


def _in_order(share: Callable[[list[Part]], list[bytes]], parts: list[Part], channels: int) -> list[bytes]:
    """Return the blocks of parts in their order, made in another one: long parts first, so that threads end together."""

    def length(at: int) -> int:
        start, stop, columns = parts[at]
        return (stop - start) * (columns[1] - columns[0] if columns else channels)

    order = sorted(range(len(parts)), key=length, reverse=True)
    made = dict(zip(order, share([parts[at] for at in order]), strict=True))
    return [made[at] for at in range(len(parts))]


class _Ready:
    """How many of the first frames are decoded, told by one thread at a time while others go on.

    Parameters
    ----------
    frames : list of int
        How many are there with each part, if all parts before it are.
    """

    def __init__(self, frames: list[int]) -> None:
        self._frames, self._done, self._lock = frames, [False] * len(frames), Lock()

    def tell(self, part: int, watch: Callable[[int], None]) -> None:
        """Take note of a part that is there, and tell, unless another thread is about it: of the next part, more is told."""
        self._done[part] = True
        if self._lock.acquire(blocking=False):
            try:
                there = self._done.index(False) if False in self._done else len(self._done)
                if there:
                    watch(self._frames[there - 1])
            finally:
                self._lock.release()


def _format(layout: Layout) -> tuple[int, bool, int]:
    """Return what the core wants to know: bytes of a sample, whether it is signed, and channels."""
    return layout.dtype.itemsize, layout.dtype.kind == "i", layout.channels


def learn_widths(samples: ArrayLike, *, threads: int = 1) -> bytes:
    """Learn how wide the codes of a recording's converters are, for stores that code it in short chunks.

    What n1 learns anew in each block of 64 channels and more at levels 4 to 9 is known from the first sample on then: chunks of
    a sixth of a second lose nothing against those of half a second, and are decoded in less time. Whoever decodes needs the
    same widths: `n1codec.zarr.N1` and `n1codec.numcodecs.N1` keep them in the metadata of their arrays.

    Parameters
    ----------
    samples : array_like of int, shape (n_samples, n_channels)
        A part of the recording, all of its channels: half a second of a probe is enough. Of more than 2^23 values, the
        first are taken.
    threads : int
        How many may learn; what they learn does not depend on it.

    Returns
    -------
    bytes
        Some kilobytes (`docs/format/n1-known-widths.md`); none where nothing is worth knowing: of fewer than 64 channels, say.

    Raises
    ------
    UnsupportedError
        If samples are no integers of 1, 2 or 4 bytes.
    """
    return learned_beside(samples, threads, ())


def learned_beside(samples: ArrayLike, threads: int, beside: Sequence[Callable[[], None]]) -> bytes:
    """Do what `learn_widths` does; threads that have learned do something else, which may be done in any order."""
    array, threads = arguments.samples("samples", samples), arguments.threads(threads)
    if not arguments.is_plain(array.dtype):
        raise UnsupportedError(f"code widths are learned from integers of 1, 2 or 4 bytes, not {array.dtype.name}")
    layout = Layout(array.dtype.newbyteorder("="), array.shape)
    most = max(1, LEARNED // layout.channels)
    part = np.require(array[:most], layout.dtype, ["C", "A"])

    def learn(columns: tuple[int, int] | None) -> bytes:
        return _core.n1_learn_tables(part, *_format(layout), columns=columns) if layout.size else b""

    middle = layout.channels // 2 // WIRED * WIRED
    halves = [(0, middle), (middle, layout.channels)] if layout.channels >= HALVED else [None]
    steps: list[Callable[[], bytes | None]] = [*(partial(learn, half) for half in halves), *beside]
    with Workers(threads) as workers:
        done = workers.share(lambda step: step(), steps)
    known = [each for each in done if each]
    if len(known) < 2:
        return b"".join(known)
    return _core.n1_join_tables(*known) or learn(None)

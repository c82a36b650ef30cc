"""The blocks of an open file: found, read, checked, decoded and put together."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import pipeline
from n1codec.codec import Samples
from n1codec.container.cache import BlockCache, Kept
from n1codec.container.files import Source
from n1codec.container.losses import Losses
from n1codec.container.record import LOST, Record, decode_block, decode_frames
from n1codec.container.reports import Missing
from n1codec.container.scan import Contents, read_record
from n1codec.container.selection import Positions, is_empty, moved, reach, span, within
from n1codec.errors import CorruptError, LimitError, ParameterError, SpecError
from n1codec.threads import Workers

_LOST: Final = CorruptError(LOST)

_Block = tuple[int, Record | CorruptError, int]
"""A chunk's number, its header (or what is wrong with it), and a bundle of channels."""


@dataclass(frozen=True)
class Decoded:
    """A chunk.

    Parameters
    ----------
    chunk : int
        Its number.
    start, stop : int
        Its first sample and the one after its last.
    blocks : list
        For each bundle its samples and their hash, or what is wrong with it.
    """

    chunk: int
    start: int
    stop: int
    blocks: list[tuple[Samples, int] | CorruptError]


class Blocks:
    """The blocks of an open file.

    Parameters
    ----------
    source : Source
        The file.
    contents : Contents
        What it holds.
    workers : Workers
        Who decodes.
    cache_bytes : int
        How many bytes of decoded samples are kept for the next read.
    """

    def __init__(self, source: Source, contents: Contents, workers: Workers, cache_bytes: int) -> None:
        self.contents = contents
        self.header = contents.header
        self.table = contents.table
        self.bundles = contents.header.bundles
        self._source = source
        self._workers = workers
        self._cache = BlockCache(cache_bytes)

    @cached_property
    def gaps(self) -> list[tuple[int, int]]:
        """The ranges of samples that no chunk has."""
        return self.table.gaps(self.contents.n_samples)

    def missing(self) -> tuple[Missing, ...]:
        """Return what is lost, as far as that shows without decoding."""
        losses = Losses(self.header)
        for start, stop in self.gaps:
            losses.add(start, stop, "no chunk has them")
        for chunk in range(len(self.table)):
            start, stop, record = self.table.starts[chunk], self.table.stops[chunk], self._record(chunk)
            if isinstance(record, CorruptError):
                losses.add(start, stop, record.reason)
            elif not all(record.lengths):
                reasons = [None if length else "lost before the file was recovered" for length in record.lengths]
                losses.add_bundles(start, stop, reasons)
        return losses.listed()

    def lost(self, start: int, stop: int, bundle: int | None = None, reason: str = "no chunk has them") -> Missing:
        """Return the description of lost samples of a bundle, or of all channels."""
        first, last = (0, self.header.width) if bundle is None else self.bundles[bundle]
        return Missing(start, stop, first, last, self.header.rate, reason)

    def walk(self, chunks: Iterable[int]) -> Iterator[Decoded]:
        """Decode chunks one after the other, past the cache; damage is in the result, not raised.

        Threads are given the blocks of a whole chunk in advance, so that they have work while the chunk before is put together.
        """
        chunks = list(chunks)
        records: deque[Record | CorruptError] = deque()
        results = self._workers.map(
            self._decode, self._stored(chunks, records), ahead=1 + len(self.bundles) // self._workers.threads
        )
        for chunk in chunks:
            first = next(results)  # every chunk has one
            record = records.popleft()
            if isinstance(record, CorruptError):
                blocks: list[tuple[Samples, int] | CorruptError] = [record] * len(self.bundles)
            else:
                rest = itertools.chain([first], results)
                blocks = [next(rest) if length else _LOST for length in record.lengths]
            yield Decoded(chunk, self.table.starts[chunk], self.table.stops[chunk], blocks)

    def _stored(self, chunks: list[int], records: deque[Record | CorruptError]) -> Iterator[_Block]:
        """Return the blocks of chunks that are there, or one that stands for a damaged chunk, and note the chunks' headers."""
        for chunk in chunks:
            record = self._record(chunk)
            records.append(record)
            lengths = (1,) if isinstance(record, CorruptError) else record.lengths
            yield from ((chunk, record, bundle) for bundle, length in enumerate(lengths) if length)

    def assemble(self, decoded: Decoded, fill: float | None = None) -> Samples:
        """Return the samples of a chunk, all channels, or raise what is wrong if there is nothing to fill in."""
        samples = self.new_array((decoded.stop - decoded.start, self.header.width), fill)
        for bundle, ((first, stop), block) in enumerate(zip(self.bundles, decoded.blocks, strict=True)):
            if not isinstance(block, CorruptError):
                samples[:, first:stop] = block[0].reshape(len(samples), -1)
            elif fill is None:
                raise self._complaint(decoded.chunk, bundle, block)
        return samples

    def gather(self, times: Positions, columns: Positions, fill: float | None) -> Samples:
        """Return the samples at some times of some channels, always with two axes."""
        out = self.new_array((len(times), len(columns)), fill)
        if not out.size:
            return out
        if fill is None:
            for start, stop in self.gaps:
                if not is_empty(within(times, start, stop)[0]):
                    raise CorruptError(f"lost {self.lost(start, stop)}")
        targets = {bundle: within(columns, *bounds) for bundle, bounds in enumerate(self.bundles)}
        targets = {bundle: target for bundle, target in targets.items() if not is_empty(target[0])}
        wanted = self._wanted(times, list(targets))
        for (chunk, _, bundle), block in self._workers.map(lambda part: (part[0], self._cached(*part)), wanted):
            if isinstance(block, CorruptError):
                if fill is None:
                    raise self._complaint(chunk, bundle, block)
                continue
            start, stop = self.table.starts[chunk], self.table.stops[chunk]
            places, offsets = within(times, start, stop)
            columns_out, columns_in = targets[bundle]
            picked = block.samples.reshape(len(block.samples), -1)[moved(offsets, block.start)]
            out[places, columns_out] = picked[:, columns_in]  # at most one of the two is a list
        return out

    def new_array(self, shape: tuple[int, ...], fill: float | None) -> NDArray[Any]:
        """Return an array for samples."""
        try:
            return np.empty(shape, self.header.dtype) if fill is None else np.full(shape, fill, self.header.dtype)
        except (MemoryError, ValueError):
            raise LimitError(f"there is no memory for samples of shape {shape}") from None
        except OverflowError:
            raise ParameterError(f"fill={fill} is no {self.header.dtype.name}") from None

    def forget(self) -> None:
        """Empty the cache."""
        self._cache.clear()

    @cached_property
    def _pipeline(self) -> pipeline.Pipeline:
        try:
            return pipeline.get(self.header.spec).knowing(self.header.widths)
        except (SpecError, ParameterError) as error:
            raise CorruptError(f"the file names a codec this build does not know: {error}") from None

    def _record(self, chunk: int) -> Record | CorruptError:
        """Read the header of a chunk and compare it with the table; return what is wrong with it if anything is."""
        try:
            return read_record(self._source, self.header, self.table, chunk)
        except CorruptError as error:
            return error

    def _wanted(self, times: Positions, bundles: list[int]) -> Iterator[tuple[_Block, tuple[int, int]]]:
        """Return the blocks with samples at some times, and from which frame to which of each that is."""
        for chunk in self.table.overlapping(*span(times)):
            places, offsets = within(times, self.table.starts[chunk], self.table.stops[chunk])
            if not is_empty(places):
                record, frames = self._record(chunk), reach(offsets)
                yield from (((chunk, record, bundle), frames) for bundle in bundles)

    def _cached(self, block: _Block, wanted: tuple[int, int]) -> Kept | CorruptError:
        """Return some frames of a block; all that follow for a reader that goes on where it was: it will go on."""
        chunk, _, bundle = block
        kept = self._cache.get((chunk, bundle))
        if kept is None or not kept.covers(*wanted):
            if kept is not None and kept.adjoins(*wanted):
                wanted = min(kept.start, wanted[0]), self.table.stops[chunk] - self.table.starts[chunk]
            try:
                kept = Kept(*self._read(block, decode_frames, *wanted))
            except CorruptError as error:
                return error
            self._cache.put((chunk, bundle), kept)
        return kept

    def _decode(self, block: _Block) -> tuple[Samples, int] | CorruptError:
        """Decode a block, and return the hash of its samples, too."""
        try:
            return self._read(block, decode_block)
        except CorruptError as error:
            return error

    def _read(self, block: _Block, decode: Callable[..., tuple[Samples, int]], *wanted: int) -> tuple[Samples, int]:
        chunk, record, bundle = block
        if isinstance(record, CorruptError):
            raise record
        at, length = record.block_span(bundle)
        data = self._source.read(self.table.offsets[chunk] + at, length)
        return decode(self.header, self._pipeline, record, bundle, data, *wanted)

    def _complaint(self, chunk: int, bundle: int, error: CorruptError) -> CorruptError:
        start, stop = self.table.starts[chunk], self.table.stops[chunk]
        return type(error)(f"chunk {chunk} is damaged: lost {self.lost(start, stop, bundle, error.reason)}")

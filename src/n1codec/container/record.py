"""A chunk of the file: a small header with a CRC of its own, then one block for each bundle of channels.

::

    sync (4) | start | 2 x n_samples + continued | [continuation (8)] | length of each block | CRC32C   integers are LEB128
    block: side information of each transform | payload | [XXH64 of each stretch] | XXH64 of its samples (8) | CRC32C (4)

The CRCs begin with halves of a key, which is made of the file's id and the continuation, and in a block with its place: a chunk
of another file, or a block at another place, is never taken for one that belongs there. Each time that a file is reopened, its
new chunks are of a new continuation, so that those of two copies of it are told apart. A block of length zero is one that
`recover` could not save; a chunk has one at least that it could.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Final

from n1codec import _core, chain, envelope, varint
from n1codec.codec import Layout, Samples
from n1codec.container import limits
from n1codec.container.header import MAX_CRC, Header
from n1codec.errors import CorruptError, LimitError, TruncatedError, decoding
from n1codec.pipeline import Pipeline

LOST: Final = "the block was lost before this file was recovered"


@dataclass(frozen=True)
class Record:
    """The header of a chunk.

    Parameters
    ----------
    start : int
        Its first sample, counted from that of the recording.
    n_samples : int
        Samples of each channel.
    lengths : tuple of int
        Bytes of each block, bundle by bundle.
    head_bytes : int
        Bytes of the header itself.
    continuation : int
        What was drawn when the file was reopened to write it; 0 of the file's first writer.
    """

    start: int
    n_samples: int
    lengths: tuple[int, ...]
    head_bytes: int
    continuation: int = 0

    @property
    def stop(self) -> int:
        """The sample after its last."""
        return self.start + self.n_samples

    @property
    def n_bytes(self) -> int:
        """Bytes of the whole chunk."""
        return self._offsets[-1]

    def block_span(self, bundle: int) -> tuple[int, int]:
        """Return where in the chunk a block is: its offset and its length."""
        return self._offsets[bundle], self.lengths[bundle]

    @cached_property
    def _offsets(self) -> tuple[int, ...]:
        """Where each block begins, and where the last one ends."""
        return tuple(itertools.accumulate(self.lengths, initial=self.head_bytes))


def max_head_bytes(header: Header) -> int:
    """Return the most bytes that the header of a chunk of this file may have."""
    return len(limits.SYNC) + 7 + 4 + 8 + 5 * len(header.bundles) + 4


def min_chunk_bytes(header: Header) -> int:
    """Return the fewest bytes of a chunk of this file: its header, and one block that is not lost."""
    return len(limits.SYNC) + 2 + len(header.bundles) + 4 + limits.BLOCK_TRAILER_BYTES


def pack_record(header: Header, start: int, n_samples: int, lengths: Sequence[int], *, continuation: int = 0) -> bytes:
    """Return the header of a chunk."""
    head = limits.SYNC + varint.pack(start) + varint.pack(2 * n_samples + (continuation > 0))
    if continuation:
        head += continuation.to_bytes(8, "little")
    head += b"".join(map(varint.pack, lengths))
    return head + _core.crc32c(head, header.key(continuation) & MAX_CRC).to_bytes(4, "little")


def pack_chunk(
    header: Header, start: int, n_samples: int, blocks: Sequence[bytes], continuation: int
) -> tuple[bytes, ...]:
    """Return a chunk, in parts that stand one after the other.

    Raises
    ------
    LimitError
        If a block is too long.
    """
    lengths = [len(block) for block in blocks]
    if max(lengths) > limits.MAX_BLOCK_BYTES:
        raise LimitError(f"a block of {max(lengths)} bytes is more than {limits.MAX_BLOCK_BYTES}: use shorter chunks")
    return pack_record(header, start, n_samples, lengths, continuation=continuation), *blocks


def parse_record(header: Header, data: bytes) -> Record:
    """Return the header of the chunk with which the data begins.

    Raises
    ------
    TruncatedError, CorruptError
        If none begins there, it is damaged, or it belongs to another file.
    """
    if data[:4] != limits.SYNC[: len(data)]:
        raise CorruptError("no chunk begins here")
    bundles = header.bundles
    start, at = varint.unpack(data, 4, limits.MAX_SAMPLES, "start")
    number, at = varint.unpack(data, at, 2 * limits.MAX_CHUNK_VALUES + 1, "chunk")
    n_samples, continued, continuation = number >> 1, number & 1, 0
    if continued:
        continuation, at = int.from_bytes(data[at : at + 8], "little"), at + 8
    lengths = []
    for _ in bundles:
        length, at = varint.unpack(data, at, limits.MAX_BLOCK_BYTES, "block")
        lengths.append(length)
    if at + 4 > len(data):
        raise TruncatedError("header of a chunk is cut short", len(data))
    if _core.crc32c(memoryview(data)[:at], header.key(continuation) & MAX_CRC) != int.from_bytes(
        data[at : at + 4], "little"
    ):
        raise CorruptError("CRC mismatch: the header of the chunk is damaged")
    if continued and not continuation:
        raise CorruptError("a continued chunk of no continuation")
    check_chunk(header, start, n_samples)
    if not any(lengths):
        raise CorruptError("a chunk without a block")
    if any(0 < length < limits.BLOCK_TRAILER_BYTES for length in lengths):
        raise CorruptError("a block is too short to be one")
    return Record(start, n_samples, tuple(lengths), at + 4, continuation)


def check_chunk(header: Header, start: int, n_samples: int) -> None:
    """Raise :class:`CorruptError` for a chunk that is empty, too large, or too far out."""
    if not n_samples or start + n_samples > limits.MAX_SAMPLES:
        raise CorruptError(f"impossible chunk of {n_samples} samples at sample {start}")
    if n_samples > max_chunk_frames(header):
        raise CorruptError(f"a chunk of {n_samples} samples of {header.width} channels is beyond the limits")


def max_chunk_frames(header: Header) -> int:
    """Return the most samples of each channel that a chunk may have."""
    return min(limits.MAX_CHUNK_VALUES // header.width, limits.MAX_BLOCK_VALUES // header.bundle_channels)


def encode_block(
    header: Header, pipeline: Pipeline, start: int, bundle: int, samples: Samples, *, continuation: int = 0
) -> tuple[bytes, int]:
    """Return the block of some samples at its place in a file, and the hash of the samples."""
    sides, payload = chain.encode(pipeline.transforms, pipeline.coder, samples, 1)
    stretches = _hash_stretches(header, samples)
    samples_hash = _joined(stretches)
    place = _place(header, continuation, start, bundle)
    return _core.block_pack(sides, payload, stretches, samples_hash, place), samples_hash


def _stretch_frames(header: Header) -> int:
    """Return how many frames of a block have a hash of their own."""
    return max(1, limits.STRETCH_VALUES // header.bundle_channels)


def _hash_stretches(header: Header, samples: Samples) -> list[int]:
    """Return the hash of each stretch of a block's samples."""
    step = _stretch_frames(header)
    return [envelope.hash_samples(samples[at : at + step]) for at in range(0, len(samples), step)]


def _joined(stretches: Sequence[int]) -> int:
    """Return the hash of a block: that of its only stretch, or of the hashes of all."""
    if len(stretches) == 1:
        return stretches[0]
    return reduce(lambda state, each: _core.xxh64(each.to_bytes(8, "little"), state), stretches, 0)


def check_block(header: Header, record: Record, bundle: int, block: bytes) -> int:
    """Check a block's CRC and return the hash of its samples.

    Raises
    ------
    CorruptError
        If it is damaged, of another place or of another file.
    """
    return _core.block_check(block, _place(header, record.continuation, record.start, bundle))


@contextlib.contextmanager
def _possible() -> Iterator[None]:
    """Take what is beyond the limits of decoding for damage: a file has none that is."""
    try:
        yield
    except LimitError as error:
        raise CorruptError(str(error)) from None


@dataclass(frozen=True)
class _Opened:
    """A block that is not damaged, and what its samples are to be.

    Parameters
    ----------
    pipeline : Pipeline
        What it was coded by.
    sides : tuple of bytes
        Side information of each transform.
    payload : memoryview
        What the coder made.
    layout : Layout
        Of all samples.
    stretches : list of int
        The hash of each stretch of them.
    samples_hash : int
        That of all.
    """

    pipeline: Pipeline
    sides: tuple[bytes, ...]
    payload: memoryview
    layout: Layout
    stretches: list[int]
    samples_hash: int

    def all(self) -> Samples:
        """Decode all samples."""
        stages, coder = self.pipeline.transforms, self.pipeline.coder
        with _possible():
            return chain.decode(stages, coder, self.payload, self.sides, self.layout, 1, self.layout.nbytes)

    def some(self, start: int, stop: int) -> tuple[Samples, int]:
        """Decode some samples of each channel, and those around them where there is no shorter way; and which is the first."""
        coder, layout = self.pipeline.coder, self.layout
        whole = start <= 0 and stop >= layout.shape[0]
        if whole or self.pipeline.transforms or self.sides or not self.pipeline.takes(layout.dtype):
            return self.all(), 0
        with _possible(), decoding(coder.name):
            samples, first = coder.decode_some(chain.seen_by(coder, self.payload), layout, start, stop)
        found = Layout.of(samples)
        if found != Layout(layout.dtype, (len(samples), *layout.shape[1:])):
            raise CorruptError(f"decoded to {found.dtype} {found.shape} instead of {layout.dtype} {layout.shape}")
        if not 0 <= first <= start or not stop <= first + len(samples) <= layout.shape[0]:
            raise CorruptError(f"decoded samples {first} to {first + len(samples)} instead of {start} to {stop}")
        return samples, first

    def check(self, hashes: Sequence[int], at: int = 0) -> None:
        """Raise `CorruptError` unless these are the hashes of stretches from one on."""
        if list(hashes) != self.stretches[at : at + len(hashes)]:
            raise CorruptError("hash mismatch: the decoded samples are not those that were encoded")


def _open_block(header: Header, pipeline: Pipeline, record: Record, bundle: int, block: bytes) -> _Opened:
    if not block:
        raise CorruptError(LOST)
    place = _place(header, record.continuation, record.start, bundle)
    n_stretches = -(-record.n_samples // _stretch_frames(header))
    sides, (first, last), stretches, samples_hash = _core.block_open(
        block, len(pipeline.transforms), n_stretches, place
    )
    layout = header.block_layout(record.n_samples, bundle)
    return _Opened(pipeline, sides, memoryview(block)[first:last], layout, stretches, samples_hash)


def decode_block(header: Header, pipeline: Pipeline, record: Record, bundle: int, block: bytes) -> tuple[Samples, int]:
    """Check a block and return its samples and their hash.

    Raises
    ------
    CorruptError
        If it is damaged in any way, or missing.
    """
    opened = _open_block(header, pipeline, record, bundle, block)
    samples = opened.all()
    opened.check(_hash_stretches(header, samples))
    return samples, opened.samples_hash


def decode_frames(
    header: Header, pipeline: Pipeline, record: Record, bundle: int, block: bytes, start: int, stop: int
) -> tuple[Samples, int]:
    """Check a block and return some samples of each channel, ``start`` to ``stop`` at least, and which is the first of them.

    Stretches are decoded whole: each has a hash.

    Raises
    ------
    CorruptError
        If it is damaged in any way that this shows, or missing.
    """
    opened, step = _open_block(header, pipeline, record, bundle, block), _stretch_frames(header)
    samples, first = opened.some(start // step * step, min(-(-stop // step) * step, record.n_samples))
    from_, to = -(-first // step) * step, first + len(samples)
    to = to if to == record.n_samples else to // step * step
    samples = samples[from_ - first : to - first]
    opened.check(_hash_stretches(header, samples), from_ // step)
    return samples, from_


class RecordingHash:
    """The hash of a whole recording: of its header, and of the place and the hash of every block.

    Parameters
    ----------
    header : bytes
        The header of the file.
    """

    def __init__(self, header: bytes) -> None:
        self._state = _core.xxh64(header)

    @property
    def state(self) -> int:
        """What depends on every chunk so far."""
        return self._state

    def go_back(self, state: int) -> None:
        """Forget the chunks since it had this state."""
        self._state = state

    def add(self, start: int, n_samples: int, hashes: Sequence[int]) -> None:
        """Take in the next chunk: the hash of each block, 0 for a lost one."""
        self._state = _core.xxh64(struct.pack(f"<QQ{len(hashes)}Q", start, n_samples, *hashes), self._state)

    def value(self, n_samples: int) -> int:
        """Return the hash of the recording, which has so many samples."""
        return _core.xxh64(struct.pack("<Q", n_samples), self._state)


def new_continuation(before: RecordingHash) -> int:
    """Return what marks the chunks that a writer adds to others: the lower half says to which, the upper half is drawn."""
    return (secrets.randbits(32) or 1) << 32 | before.state & MAX_CRC


def continues(continuation: int, before: RecordingHash) -> bool:
    """Return whether chunks of a continuation were added to those before."""
    return continuation & MAX_CRC == before.state & MAX_CRC


def _place(header: Header, continuation: int, start: int, bundle: int) -> int:
    return _core.block_salt(header.key(continuation) >> 32, start, bundle)

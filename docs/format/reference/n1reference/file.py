"""The ``.n1c`` file: chunks, index, and the whole recording (docs/FORMAT.md, "The .n1c file")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.checks import crc32c, hash_samples, xxh64
from n1reference.envelope import MAX_SIDE, TRAILER, Decoded
from n1reference.errors import CorruptError
from n1reference.header import MAX_BODY, Header, read_header
from n1reference.numbers import Cursor
from n1reference.pipeline import decode_payload

SYNC: Final = b"\xb7N1\xe5"
INDEX_MARK: Final = 0
END_MAGIC: Final = b"C1N\x89"
FOOTER: Final = 8
MAX_BLOCK_VALUES: Final = 1 << 24
MAX_CHUNK_VALUES: Final = 1 << 26
MAX_BLOCK_BYTES: Final = 1 << 28
MAX_SAMPLES: Final = 1 << 48
STRETCH_VALUES: Final = 1 << 17
MAX_CHUNKS: Final = 1 << 22
MAX_INDEX: Final = 1 << 28
LOWER_HALF: Final = (1 << 32) - 1


@dataclass(frozen=True)
class Chunk:
    """A chunk's header, and where its blocks are in the file."""

    start: int
    n_samples: int
    lengths: list[int]
    blocks: int
    continuation: int

    @property
    def end(self) -> int:
        """Where the chunk ends in the file."""
        return self.blocks + sum(self.lengths)


@dataclass(frozen=True)
class Index:
    """Where an index begins, and what it says: the start, the samples, the bytes and the continuation of each chunk."""

    at: int
    chunks: list[tuple[int, int, int, int]]
    n_samples: int
    recording_hash: int


def read_chunk(header: Header, data: bytes, at: int) -> Chunk:
    """Return the chunk that begins at a place."""
    cursor = Cursor(data, "chunk", at)
    if cursor.take(4) != SYNC:
        raise CorruptError("no chunk begins here", at)
    start, number = cursor.varint(MAX_SAMPLES), cursor.varint(2 * MAX_CHUNK_VALUES + 1)
    n_samples, continuation = number >> 1, cursor.number(8) if number & 1 else 0
    lengths = [cursor.varint(MAX_BLOCK_BYTES) for _ in header.bundles]
    end = cursor.at
    if crc32c(data[at:end], header.key(continuation) & LOWER_HALF) != cursor.number(4):
        raise CorruptError("the CRC is wrong: the header of a chunk is damaged", end)
    if number & 1 and not continuation:
        raise CorruptError("a continued chunk of no continuation", at)
    check_chunk(header, start, n_samples)
    if not any(lengths) or any(0 < length < TRAILER for length in lengths):
        raise CorruptError("a block that is too short, or no block", at)
    return Chunk(start, n_samples, lengths, cursor.at, continuation)


def check_chunk(header: Header, start: int, n_samples: int) -> None:
    """Raise for a chunk beyond the limits."""
    most = min(MAX_CHUNK_VALUES // header.width, MAX_BLOCK_VALUES // header.bundle)
    if not 1 <= n_samples <= most or start + n_samples > MAX_SAMPLES:
        raise CorruptError(f"a chunk of {n_samples} samples from sample {start} on")


def read_block(header: Header, chunk: Chunk, bundle: int, data: bytes) -> tuple[list[int], int]:
    """Return the samples of a block, and their hash."""
    place = chunk.start.to_bytes(8, "little") + bundle.to_bytes(4, "little")
    if not data:
        raise CorruptError("a block was lost before the file was recovered")
    if crc32c(data[:-4], crc32c(place, header.key(chunk.continuation) >> 32)) != int.from_bytes(data[-4:], "little"):
        raise CorruptError("the CRC is wrong: a block is damaged")
    stretch = max(1, STRETCH_VALUES // header.bundle)
    several = -(-chunk.n_samples // stretch) if chunk.n_samples > stretch else 0
    if len(data) < 8 * several + TRAILER:
        raise CorruptError("a block is too short for its hashes")
    expected = int.from_bytes(data[-12:-4], "little")
    if several and joined(data[len(data) - 8 * several - TRAILER : -TRAILER]) != expected:
        raise CorruptError("the hashes of stretches are not those of the block")
    cursor = Cursor(data[: len(data) - 8 * several - TRAILER], "block")
    sides = [cursor.counted(MAX_SIDE) for _ in header.stages[:-1]]
    layout = header.layout(chunk.n_samples, header.bundles[bundle])
    values = decode_payload(header.stages, sides, cursor.rest(), layout)
    if hash_block(values, header, chunk.n_samples, bundle, stretch) != expected:
        raise CorruptError("the hash is wrong: these are not the samples that were encoded")
    return values, expected


def hash_block(values: list[int], header: Header, n_samples: int, bundle: int, stretch: int) -> int:
    """Return the hash of a block's samples: where they are of several stretches, that of the hashes of these."""
    width, hashes = header.bundles[bundle], b""
    if n_samples <= stretch:
        return hash_samples(values, header.layout(n_samples, width))
    for at in range(0, n_samples, stretch):
        frames = min(stretch, n_samples - at)
        part = hash_samples(values[at * width : (at + frames) * width], header.layout(frames, width))
        hashes += part.to_bytes(8, "little")
    return joined(hashes)


def joined(hashes: bytes) -> int:
    """Return the hash of several stretches by theirs."""
    state = 0
    for at in range(0, len(hashes), 8):
        state = xxh64(hashes[at : at + 8], state)
    return state


def find_index(data: bytes) -> tuple[int, int]:
    """Return where the index begins and where it ends."""
    end = len(data) - FOOTER
    if end < 0 or data[-4:] != END_MAGIC:
        raise CorruptError("there is no index: the file was never finished, or is cut short", len(data))
    length = int.from_bytes(data[end : end + 4], "little")
    if not 15 <= length <= min(MAX_INDEX, end) or data[end - length] != INDEX_MARK:
        raise CorruptError("the index is damaged", end)
    return end - length, end


def read_header_copy(data: bytes) -> bytes:
    """Return the copy of the header in the index, which may be empty."""
    start, end = find_index(data)
    return Cursor(data[:end], "index", start + 1).counted(MAX_BODY + 16)


def read_index(header: Header, data: bytes) -> Index:
    """Return the index."""
    start, end = find_index(data)
    if crc32c(data[start : end - 4], header.key(0) & LOWER_HALF) != int.from_bytes(data[end - 4 : end], "little"):
        raise CorruptError("the CRC is wrong: the index is damaged", end)
    cursor = Cursor(data[: end - 12], "index", start + 1)
    copy = cursor.counted(MAX_BODY + 16)
    if copy and copy != header.data:
        raise CorruptError("the index has a copy of another header", start)
    chunks, sample, continuation, shortest = [], 0, 0, len(SYNC) + 2 + len(header.bundles) + 4 + TRAILER
    for _ in range(cursor.varint(MAX_CHUNKS)):
        number = cursor.varint(4 * MAX_CHUNK_VALUES + 3)
        sample += cursor.varint(MAX_SAMPLES) if number & 1 else 0
        before, continuation = continuation, cursor.number(8) if number & 2 else continuation
        if number & 2 and continuation == before:
            raise CorruptError("a continuation follows on itself", cursor.at)
        check_chunk(header, sample, number >> 2)
        chunks.append((sample, number >> 2, cursor.varint(1 << 48), continuation))
        if chunks[-1][2] < shortest:
            raise CorruptError("a chunk is too short to be one", cursor.at)
        sample += number >> 2
    sample += cursor.varint(MAX_SAMPLES - sample)
    cursor.end()
    return Index(start, chunks, sample, int.from_bytes(data[end - 12 : end - 4], "little"))


def scan(header: Header, data: bytes) -> list[Chunk]:
    """Return the chunks in order of time, found without the index; of those that overlap the first one in the file."""
    found: list[Chunk] = []
    at = len(header.data)
    while 0 <= at < len(data):
        try:
            chunk = read_chunk(header, data, at)
        except CorruptError:
            at = data.find(SYNC, at + 1)
            continue
        if chunk.end > len(data):
            at = data.find(SYNC, at + 1)
            continue
        found.append(chunk)
        at = chunk.end
    chunks: list[Chunk] = []
    for chunk in sorted(found, key=lambda chunk: chunk.start):
        if not chunks or chunk.start >= chunks[-1].start + chunks[-1].n_samples:
            chunks.append(chunk)
    return chunks


def open_file(data: bytes) -> tuple[Header, list[Chunk], Index | None]:
    """Return the header, the chunks in order of time, and the index if there is one that holds."""
    try:
        header = read_header(data)
    except CorruptError:
        try:
            copy = read_header_copy(data)
        except CorruptError:
            copy = b""
        if not copy:
            raise
        header = read_header(copy)
    try:
        index = read_index(header, data)
    except CorruptError:
        return header, scan(header, data), None
    chunks, at = [], len(header.data)
    if at + sum(length for _, _, length, _ in index.chunks) != index.at:
        return header, scan(header, data[: index.at]), index
    for said in index.chunks:
        chunk = read_chunk(header, data, at)
        if (chunk.start, chunk.n_samples, chunk.end - at, chunk.continuation) != said:
            raise CorruptError("another chunk than the index says", at)
        chunks.append(chunk)
        at = chunk.end
    return header, chunks, index


def continues(chunk: Chunk, before: Chunk | None, state: int) -> bool:
    """Return whether a chunk may follow on another: within a continuation, or as the first of one that was added there."""
    last = before.continuation if before else 0
    return chunk.continuation == last or (chunk.continuation > 0 and (chunk.continuation ^ state) & LOWER_HALF == 0)


def decode_recording(data: bytes) -> Decoded:
    """Return all samples of a file; raise `DecodeError` if some are lost, or if it is none."""
    header, chunks, index = open_file(data)
    state = xxh64(header.data)
    values: list[int] = []
    sample = 0
    for number, chunk in enumerate(chunks):
        if chunk.start != sample:
            raise CorruptError(f"samples {sample} to {chunk.start} are lost")
        if not header.doubts and not continues(chunk, chunks[number - 1] if number else None, state):
            raise CorruptError("a chunk continues others than those before it")
        blocks, hashes, at = [], [], chunk.blocks
        for bundle, length in enumerate(chunk.lengths):
            block, value = read_block(header, chunk, bundle, data[at : at + length])
            blocks.append((block, header.bundles[bundle]))
            hashes.append(value)
            at += length
        for frame in range(chunk.n_samples):
            for block, width in blocks:
                values += block[frame * width : (frame + 1) * width]
        numbers = (chunk.start, chunk.n_samples, *hashes)
        state = xxh64(b"".join(number.to_bytes(8, "little") for number in numbers), state)
        sample += chunk.n_samples
    if index is not None:
        if index.n_samples != sample:
            raise CorruptError(f"samples {sample} to {index.n_samples} are lost")
        if xxh64(sample.to_bytes(8, "little"), state) != index.recording_hash:
            raise CorruptError("the hash of the recording is wrong")
    layout = header.layout(sample, header.width)
    return Decoded(layout, values, header.order, header.doubts, header.restore_bytes)

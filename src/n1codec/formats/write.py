"""Samples into recording files: what `n1codec convert` and `n1codec cat` write.

A written file is a head, the stored samples and a tail, as a restored one is; here the head is made from what is known of the
recording, so `plan` returns restore bytes, and `n1codec.formats.rebuild_pieces` does the rest.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from n1codec import disk
from n1codec.codec import Layout, Samples
from n1codec.errors import FileError, UnsupportedError
from n1codec.formats.restore import Restore, checked_chunks, rebuild_pieces, wav_head, wav_padding

SUFFIXES: Final = {"wav": ".wav", "raw": ".raw", "spikeglx": ".bin", "npy": ".npy"}
"""The extension of a file of each format."""

_WAV_DTYPES: Final = ("uint8", "int16", "int32", "float32", "float64")
_PCM, _FLOAT = 1, 3
"""The format tags of WAV files."""
_MAX_U16: Final = 0xFFFF
_MAX_U32: Final = 0xFFFF_FFFF


def format_for(path: Path) -> str | None:
    """Return the format that a file name asks for, or None if it asks for none: ``.bin`` is SpikeGLX."""
    suffix = path.suffix.lower()
    known = {suffix: name for name, suffix in SUFFIXES.items()} | {
        ".wave": "wav",
        ".dat": "raw",
        ".i16": "raw",
        ".pcm": "raw",
    }
    return known.get(suffix)


def plan(format_name: str, layout: Layout, rate: float) -> bytes:
    """Return the restore bytes of a new file.

    Parameters
    ----------
    format_name : str
        ``"wav"``, ``"raw"``, ``"spikeglx"`` (the ``.bin``; `spikeglx_meta` makes the rest) or ``"npy"``.
    layout : Layout
        Of all samples.
    rate : float
        Sampling rate of each channel in Hz.

    Raises
    ------
    UnsupportedError
        If files of this format cannot hold such samples without loss.
    """
    if format_name == "wav":
        return _plan_wav(layout, rate)
    if format_name == "npy":
        return Restore("npy", head=npy_head(layout)).to_bytes()
    if format_name == "spikeglx" and layout.dtype.name != "int16":
        raise UnsupportedError(f"SpikeGLX files hold int16, not {layout.dtype.name}: choose npy or raw")
    return Restore(format_name).to_bytes()


def write(
    handle: BinaryIO, restore: bytes, layout: Layout, chunks: Iterable[Samples], *, name: str | None = None
) -> int:
    """Write a file in bounded memory and return its size; what the file object buffers is not flushed.

    Parameters
    ----------
    handle : file object
        Open for writing in binary mode; it need not be able to seek, except for files in Fortran order.
    restore : bytes
        From `plan`, or of the source file to be restored.
    layout : Layout
        Of all samples.
    chunks : iterable of ndarray of int
        Consecutive chunks along time.
    name : str, optional
        What errors call the file; by default its name.

    Raises
    ------
    CorruptError
        If the restore bytes and the samples do not belong together.
    FileError
        If writing fails, or not all bytes are taken.
    """
    split = Restore.from_bytes(restore)
    name = disk.file_name(handle) if name is None else name
    if split.fortran and layout.channels > 1:
        with disk.os_errors(name):
            return _write_fortran(handle, split, layout, chunks, name)
    size = 0
    for piece in rebuild_pieces(restore, layout, chunks):
        disk.write_all(handle, piece, name)
        size += len(piece)
    return size


def _write_fortran(handle: BinaryIO, split: Restore, layout: Layout, chunks: Iterable[Samples], name: str) -> int:
    """Write channel after channel by seeking, for chunks hold all channels of a short time."""
    stored = layout.dtype.newbyteorder(">" if split.big_endian else "<")
    n_samples = layout.shape[0]
    base = handle.tell()

    def put(data: bytes, place: int) -> None:
        handle.seek(base + place)
        disk.write_all(handle, data, name)
        disk.flush(handle, name)
        if handle.tell() != base + place + len(data):
            raise FileError(
                name, "appends what it is given, and this file needs one that is written where it is told to"
            )

    head = len(split.head)
    put(split.head, 0)
    at = 0
    for chunk in checked_chunks(layout, chunks):
        for channel in range(layout.channels):
            place = head + (channel * n_samples + at) * stored.itemsize
            put(chunk[:, channel].astype(stored).tobytes(), place)
        at += len(chunk)
    put(split.tail, head + layout.nbytes)
    return head + layout.nbytes + len(split.tail)


def npy_head(layout: Layout) -> bytes:
    """Return the header of an ``.npy`` file, as NumPy writes it: padded to a multiple of 64 bytes."""
    descr = layout.dtype.newbyteorder("<").str
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {layout.shape}, }}"
    length = -(-(10 + len(text) + 1) // 64) * 64 - 10
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", length) + text.ljust(length - 1).encode("ascii") + b"\n"


def spikeglx_meta(n_channels: int, rate: float, n_bytes: int, names: Sequence[str] = ()) -> bytes:
    """Return a ``.meta`` that says what is known: how many channels at which rate, and how many bytes.

    It says nothing of gains and probes. SpikeGLX calls such a stream of unspecific channels ``nidq``.
    """
    lines = [
        "typeThis=nidq",
        f"niSampRate={_number(rate)}",
        f"nSavedChans={n_channels}",
        f"snsMnMaXaDw=0,0,{n_channels},0",
        f"fileSizeBytes={n_bytes}",
        f"fileTimeSecs={_number(n_bytes / (2 * n_channels) / rate)}",
    ]
    if len(names) == n_channels and not any(set(name) & set("();:\r\n") for name in names):
        entries = "".join(f"({name};{index}:{index})" for index, name in enumerate(names))
        lines.append(f"~snsChanMap=(0,0,{n_channels},0,0){entries}")
    return ("\n".join(lines) + "\n").encode()


def _plan_wav(layout: Layout, rate: float) -> bytes:
    dtype = layout.dtype
    if dtype.name not in _WAV_DTYPES:
        raise UnsupportedError(f"WAV files hold {', '.join(_WAV_DTYPES)}, not {dtype.name}: choose npy or raw")
    if not math.isfinite(rate) or rate != round(rate) or not 0 < rate <= _MAX_U32:
        raise UnsupportedError(f"WAV files have a whole number of Hz, not {rate!r}: give --rate to state another")
    block = layout.channels * dtype.itemsize
    if block > _MAX_U16 or round(rate) * block > _MAX_U32:
        raise UnsupportedError(f"{layout.channels} channels of {dtype.name} are too many for WAV: choose npy or raw")
    if dtype.kind != "f" and wav_head(round(rate), layout.channels, dtype.itemsize, layout.shape[0]) is not None:
        return Restore("wav", plain_rate=round(rate)).to_bytes()
    floats = dtype.kind == "f" and _float_head(layout, round(rate))
    return Restore("wav", floats or _rf64_head(layout, round(rate)), wav_padding(layout.nbytes)).to_bytes()


def _float_head(layout: Layout, rate: int) -> bytes | None:
    """Return the header of a WAV of floats, or None if it is too long: what is no PCM says how many samples there are."""
    width = layout.dtype.itemsize
    block = layout.channels * width
    riff = 50 + layout.nbytes
    if riff > _MAX_U32:
        return None
    return (
        struct.pack("<4sI4s", b"RIFF", riff, b"WAVE")
        + struct.pack("<4sIHHIIHHH", b"fmt ", 18, _FLOAT, layout.channels, rate, rate * block, block, 8 * width, 0)
        + struct.pack("<4sII", b"fact", 4, layout.shape[0])
        + struct.pack("<4sI", b"data", layout.nbytes)
    )


def _rf64_head(layout: Layout, rate: int) -> bytes:
    """Return the header of a WAV beyond 4 GB (EBU Tech 3306): 64-bit lengths in a ``ds64`` chunk."""
    width = layout.dtype.itemsize
    block = layout.channels * width
    riff = 72 + layout.nbytes + layout.nbytes % 2
    ds64: tuple[Any, ...] = (b"ds64", 28, riff, layout.nbytes, layout.shape[0], 0)
    tag = _FLOAT if layout.dtype.kind == "f" else _PCM
    fmt: tuple[Any, ...] = (b"fmt ", 16, tag, layout.channels, rate, rate * block, block, 8 * width)
    return (
        struct.pack("<4sI4s", b"RF64", _MAX_U32, b"WAVE")
        + struct.pack("<4sIQQQI", *ds64)
        + struct.pack("<4sIHHIIHH", *fmt)
        + struct.pack("<4sI", b"data", _MAX_U32)
    )


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))

"""The reference WavPack library, bound through ctypes where the system has it.

The few functions of its public interface (``wavpack.h``) that in-memory lossless coding takes. Streams are standard ``.wv``.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_float, c_int, c_int32, c_int64, c_ubyte, c_uint32, c_void_p
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.codecs._audio import SAMPLE_RATE
from n1codec.errors import CodecError, CorruptError

_SONAMES: Final = ("libwavpack.so.1", "libwavpack.1.dylib")
_LEVEL_FLAGS: Final = {1: 0x200, 2: 0, 3: 0x800, 4: 0x800 | 0x1000}
"""CONFIG_FAST_FLAG, none, CONFIG_HIGH_FLAG, and with CONFIG_VERY_HIGH_FLAG."""
_EXTRA_MODE: Final = 0x0200_0000
"""CONFIG_EXTRA_MODE: `xmode` counts."""
_SHORTEST_BLOCK: Final = 128
_LONGEST_BLOCK: Final = 131_072
"""Samples of a block that the library takes. Its default, half a second or so, serves seeking and costs 0.4 %."""
_ERROR_BYTES: Final = 81
"""Size of the buffer for the reason of a failed opening: 80 characters and a terminator."""

_BlockOutput = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int32)


class _Config(ctypes.Structure):
    """``WavpackConfig``."""

    _fields_ = (
        ("bitrate", c_float),
        ("shaping_weight", c_float),
        ("bits_per_sample", c_int),
        ("bytes_per_sample", c_int),
        ("qmode", c_int),
        ("flags", c_int),
        ("xmode", c_int),
        ("num_channels", c_int),
        ("float_norm_exp", c_int),
        ("block_samples", c_int32),
        ("worker_threads", c_int32),
        ("sample_rate", c_int32),
        ("channel_mask", c_int32),
        ("md5_checksum", c_ubyte * 16),
        ("md5_read", c_ubyte),
        ("num_tag_strings", c_int),
        ("tag_strings", c_void_p),
    )


class _Reader(ctypes.Structure):
    """``WavpackStreamReader64``: the library's view of a file."""

    _fields_ = (
        ("read_bytes", ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_int32)),
        ("write_bytes", ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_int32)),
        ("get_pos", ctypes.CFUNCTYPE(c_int64, c_void_p)),
        ("set_pos_abs", ctypes.CFUNCTYPE(c_int, c_void_p, c_int64)),
        ("set_pos_rel", ctypes.CFUNCTYPE(c_int, c_void_p, c_int64, c_int)),
        ("push_back_byte", ctypes.CFUNCTYPE(c_int, c_void_p, c_int)),
        ("get_length", ctypes.CFUNCTYPE(c_int64, c_void_p)),
        ("can_seek", ctypes.CFUNCTYPE(c_int, c_void_p)),
        ("truncate_here", ctypes.CFUNCTYPE(c_int, c_void_p)),
        ("close", ctypes.CFUNCTYPE(c_int, c_void_p)),
    )


class _Source:
    """Callbacks that read from bytes. They must not raise: an exception cannot pass through C."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.reader = _Reader()
        self.reader.read_bytes = self._type("read_bytes")(self._read)
        self.reader.get_pos = self._type("get_pos")(lambda _: self.at)
        self.reader.set_pos_abs = self._type("set_pos_abs")(lambda _, at: self._seek(at))
        self.reader.set_pos_rel = self._type("set_pos_rel")(self._seek_relative)
        self.reader.push_back_byte = self._type("push_back_byte")(self._push_back)
        self.reader.get_length = self._type("get_length")(lambda _: len(self.data))
        self.reader.can_seek = self._type("can_seek")(lambda _: 1)

    @staticmethod
    def _type(field: str) -> Callable[..., Any]:
        found: Callable[..., Any] = dict(_Reader._fields_)[field]
        return found

    def _read(self, _: int | None, target: int, count: int) -> int:
        part = self.data[self.at : self.at + max(count, 0)]
        ctypes.memmove(target, part, len(part))
        self.at += len(part)
        return len(part)

    def _seek(self, at: int) -> int:
        if not 0 <= at <= len(self.data):
            return -1
        self.at = at
        return 0

    def _seek_relative(self, _: int | None, offset: int, mode: int) -> int:
        return self._seek((0, self.at, len(self.data))[mode] + offset) if mode in (0, 1, 2) else -1

    def _push_back(self, _: int | None, byte: int) -> int:
        self.at = max(self.at - 1, 0)
        return byte


@cache
def library() -> ctypes.CDLL | None:
    """Return the shared library with its functions declared, or None where there is none."""
    for name in (*_SONAMES, ctypes.util.find_library("wavpack")):
        if name is None:
            continue
        try:
            lib = ctypes.CDLL(name)
            signatures: dict[str, tuple[Any, tuple[Any, ...]]] = {
                "WavpackOpenFileOutput": (c_void_p, (_BlockOutput, c_void_p, c_void_p)),
                "WavpackSetConfiguration64": (c_int, (c_void_p, POINTER(_Config), c_int64, c_char_p)),
                "WavpackAddWrapper": (c_int, (c_void_p, c_char_p, c_uint32)),
                "WavpackPackInit": (c_int, (c_void_p,)),
                "WavpackPackSamples": (c_int, (c_void_p, c_void_p, c_uint32)),
                "WavpackFlushSamples": (c_int, (c_void_p,)),
                "WavpackOpenFileInputEx64": (c_void_p, (POINTER(_Reader), c_void_p, c_void_p, c_char_p, c_int, c_int)),
                "WavpackUnpackSamples": (c_uint32, (c_void_p, c_void_p, c_uint32)),
                "WavpackGetNumChannels": (c_int, (c_void_p,)),
                "WavpackGetNumSamples64": (c_int64, (c_void_p,)),
                "WavpackGetBytesPerSample": (c_int, (c_void_p,)),
                "WavpackGetNumErrors": (c_int, (c_void_p,)),
                "WavpackGetErrorMessage": (c_char_p, (c_void_p,)),
                "WavpackGetLibraryVersionString": (c_char_p, ()),
                "WavpackCloseFile": (c_void_p, (c_void_p,)),
            }
            for function, (result, arguments) in signatures.items():
                symbol = getattr(lib, function)
                symbol.restype, symbol.argtypes = result, arguments
        except (OSError, AttributeError):  # not there, or older than 5.0, which has no 64-bit interface
            continue
        return lib
    return None


def version() -> str:
    """Return the version of the library."""
    text: bytes = _loaded().WavpackGetLibraryVersionString()
    return text.decode("ascii", "replace")


def encode(frames: NDArray[np.int32], itemsize: int, level: int, extra: int) -> bytes:
    """Encode interleaved channels to a ``.wv`` stream.

    Parameters
    ----------
    frames : ndarray of int32, shape (n_samples, 1 or 2)
        C-contiguous values that fit in `itemsize` bytes.
    itemsize : int
        2 or 4.
    level : int
        1 fast, 2 normal, 3 high, 4 very high.
    extra : int
        0 to 6: how long the encoder searches for better filters.
    """
    lib = _loaded()
    out = bytearray()

    def receive(_: int | None, block: int, count: int) -> int:
        out.extend(ctypes.string_at(block, count))
        return 1

    callback = _BlockOutput(receive)
    config = _Config(
        bits_per_sample=8 * itemsize,
        bytes_per_sample=itemsize,
        num_channels=frames.shape[1],
        block_samples=min(max(len(frames), _SHORTEST_BLOCK), _LONGEST_BLOCK),
        channel_mask=(1 << frames.shape[1]) - 1,
        sample_rate=SAMPLE_RATE,
        flags=_LEVEL_FLAGS[level] | (_EXTRA_MODE if extra else 0),
        xmode=extra,
    )
    context = lib.WavpackOpenFileOutput(callback, None, None)
    if not context:
        raise MemoryError("libwavpack cannot open an output")
    try:
        done = (
            lib.WavpackSetConfiguration64(context, ctypes.byref(config), len(frames), None)
            and lib.WavpackAddWrapper(context, b"", 0)  # else it makes up a RIFF header of 80 bytes
            and lib.WavpackPackInit(context)
            and lib.WavpackPackSamples(context, frames.ctypes.data, len(frames))
            and lib.WavpackFlushSamples(context)
        )
        if not done:
            raise CodecError(f"libwavpack: {_message(lib.WavpackGetErrorMessage(context))}")
    finally:
        lib.WavpackCloseFile(context)
    return bytes(out)


def decode(stream: bytes, n_samples: int, channels: int, itemsize: int) -> NDArray[np.int32]:
    """Decode a ``.wv`` stream of a known layout into an array of shape ``(n_samples, channels)``."""
    lib = _loaded()
    source = _Source(stream)
    reason = ctypes.create_string_buffer(_ERROR_BYTES)
    context = lib.WavpackOpenFileInputEx64(ctypes.byref(source.reader), 1, None, reason, 0, 0)
    if not context:
        raise CorruptError(f"libwavpack: {_message(reason.value)}")
    try:
        found = (
            lib.WavpackGetNumSamples64(context),
            lib.WavpackGetNumChannels(context),
            lib.WavpackGetBytesPerSample(context),
        )
        if found != (n_samples, channels, itemsize):
            raise CorruptError(f"stream of {found[0]} samples, {found[1]} channels and {found[2]} bytes a value")
        frames = np.empty((n_samples, channels), np.int32)
        count = lib.WavpackUnpackSamples(context, frames.ctypes.data, n_samples)
        if count != n_samples or lib.WavpackGetNumErrors(context):
            raise CorruptError(f"libwavpack: {count} of {n_samples} samples decoded, or a checksum does not match")
    finally:
        lib.WavpackCloseFile(context)
    return frames


def _loaded() -> ctypes.CDLL:
    lib = library()
    if lib is None:
        raise CodecError("libwavpack is not installed")
    return lib


def _message(text: bytes | None) -> str:
    return (text or b"no reason given").decode("ascii", "replace")

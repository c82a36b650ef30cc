"""SpikeGLX: a ``.bin`` of interleaved int16, described by the ``.meta`` beside it.

The ``.meta`` is text, one ``key=value`` a line. Read here: ``typeThis`` (``imec``, ``nidq`` or ``obx``) chooses the key of the
sampling rate; ``nSavedChans`` counts the channels, and so do the counts by kind (``snsApLfSy`` and the like);
``fileSizeBytes`` is the size of the ``.bin``; ``~snsChanMap`` names the channels.

SpikeGLX writes ``fileSizeBytes`` when it closes a run, so after its crash the key is missing or zero, and copies may be cut
short: what counts is the ``.bin`` that is there. Where its ``.meta`` says something else, a note says so. Only the ``.bin`` is
the source that is compressed and restored; the ``.meta`` is small text and stays as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from n1codec.envelope import MAX_CHANNELS
from n1codec.errors import FormatError
from n1codec.formats._source import SourceFile, open_source
from n1codec.formats.placement import Placement
from n1codec.formats.raw import headerless

MAX_META_BYTES: Final = 1 << 24
"""Longest .meta file: those of 5,000 channels have less than a megabyte."""

RATE_KEYS: Final[Mapping[str, str]] = {"imec": "imSampRate", "nidq": "niSampRate", "obx": "obSampRate"}
COUNT_KEYS: Final = ("snsApLfSy", "snsMnMaXaDw", "snsXaDwSy")

_NAMES: Final = re.compile(r"\(([^;()]*);[^()]*\)")


def meta_of(path: Path) -> Path:
    """Return where the ``.meta`` of a ``.bin`` is, in small letters or capitals, or where it would have to be."""
    return companion(path, ".meta")


def bin_of(path: Path) -> Path:
    """Return where the ``.bin`` of a ``.meta`` is or would have to be; other paths stay as they are."""
    return companion(path, ".bin") if path.suffix.lower() == ".meta" else path


def companion(path: Path, suffix: str) -> Path:
    """Return the file of the same name with another extension: first in the case of the path's own."""
    likely = suffix.upper() if path.suffix.isupper() else suffix
    for spelt in (likely, *spellings(suffix)):
        if path.with_suffix(spelt).is_file():
            return path.with_suffix(spelt)
    return path.with_suffix(likely)


def spellings(suffix: str) -> tuple[str, ...]:
    """Return how an extension is spelt: small, in capitals, or with one."""
    return suffix, suffix.upper(), "." + suffix[1:].capitalize()


def with_size(meta: bytes, n_bytes: int) -> bytes:
    """Return the text of a ``.meta`` for a ``.bin`` of another size."""
    text, count = re.subn(rb"(?m)^(\s*fileSizeBytes\s*=)[^\r\n]*", rb"\g<1>%d" % n_bytes, meta)
    if count:
        return text
    end = b"\r\n" if b"\r\n" in meta else b"\n"
    return meta + (b"" if not meta or meta.endswith(b"\n") else end) + b"fileSizeBytes=%d" % n_bytes + end


def locate(source: SourceFile) -> Placement:
    """Describe the ``.bin`` of a SpikeGLX recording with the help of the ``.meta`` beside it.

    Raises
    ------
    FormatError
        If a file cannot be read, or the ``.meta`` lacks what is needed.
    """
    meta_path = meta_of(source.path)
    meta = _read_meta(meta_path)
    channels, notes = _channels(meta_path, meta)
    placement = headerless(source, np.dtype("<i2"), channels, _rate(meta_path, meta), "spikeglx")
    return replace(
        placement,
        channel_names=_names(meta, channels),
        notes=(*notes, *_size_notes(meta, source.size)),
        companions=(meta_path,),
    )


def names_beside(path: Path, channels: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names that a ``.meta`` has for channels, or none, and what is odd about it."""
    try:
        return _names(_read_meta(path), channels), ()
    except FormatError as error:
        return (), (f"its .meta cannot be read: {error.reason}",)


def _names(meta: Mapping[str, str], channels: int) -> tuple[str, ...]:
    names = tuple(_NAMES.findall(meta.get("snsChanMap", "")))
    return names if len(names) == channels else ()


def _read_meta(path: Path) -> dict[str, str]:
    """Return keys and values; the ``~`` before keys of long values is left out."""
    with open_source(path) as source:
        if source.size > MAX_META_BYTES:
            raise source.error(f"{source.size} bytes are more than the limit of {MAX_META_BYTES} for a .meta file")
        text = source.bytes_at(0, source.size).decode("utf-8-sig", errors="replace")
    pairs = (line.partition("=") for line in re.split(r"[\r\n]+", text))
    return {key.strip().removeprefix("~"): value.strip() for key, equals, value in pairs if equals}


def _size_notes(meta: Mapping[str, str], size: int) -> Iterator[str]:
    """Say where the ``.meta`` and the ``.bin`` disagree about its size."""
    promised = meta.get("fileSizeBytes", "")
    if not promised or not promised.strip("0"):
        yield f"its .meta states no size, as after a crash of the recorder: all {size:,} bytes of the .bin are read"
    elif not re.fullmatch(r"[0-9]{1,18}", promised):
        yield f"its .meta states a size that is none, {promised:.40}: all {size:,} bytes of the .bin are read"
    elif int(promised) != size:
        kind = "an incomplete copy?" if int(promised) > size else "still growing?"
        yield f"the .bin has {size:,} bytes, its .meta says {int(promised):,} ({kind}): read is what is there"


def _channels(path: Path, meta: Mapping[str, str]) -> tuple[int, tuple[str, ...]]:
    """Return the number of channels, and what is odd about it.

    The counts by kind (AP, LF, sync ...) should add up to it. Where they do not, ``nSavedChans`` holds, by which SpikeGLX's own
    tools read; where it is missing, they stand for it.
    """
    counts = {key: _sum(meta[key]) for key in COUNT_KEYS if key in meta}
    if "nSavedChans" in meta:
        channels = _whole(path, meta, "nSavedChans")
        wrong = next((key for key, total in counts.items() if total != channels), None)
        notes = (
            (f"its .meta has {wrong}={meta[wrong]:.40}, which does not add up to nSavedChans={channels}",)
            if wrong
            else ()
        )
    else:
        known = next(((key, total) for key, total in counts.items() if total is not None), None)
        if known is None:
            raise _no_meta(path, "nSavedChans")
        channels, notes = known[1], (f"its .meta lacks nSavedChans: {known[0]} adds up to {known[1]} channels",)
    if not 1 <= channels <= MAX_CHANNELS:
        raise FormatError(str(path), f"nSavedChans={channels} is outside 1..{MAX_CHANNELS}")
    return channels, notes


def _sum(counts: str) -> int | None:
    """Return the sum of numbers between commas, None if they are none."""
    numbers = [count.strip() for count in counts.split(",")]
    return sum(map(int, numbers)) if all(re.fullmatch(r"[0-9]{1,9}", number) for number in numbers) else None


def _whole(path: Path, meta: Mapping[str, str], key: str) -> int:
    text = meta[key]
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise FormatError(str(path), f"{key}={text:.40} is not a whole number")
    return int(text)


def _rate(path: Path, meta: Mapping[str, str]) -> float:
    """Return the sampling rate: of the stream that ``typeThis`` names or, without it, the only one there is."""
    kind = meta.get("typeThis", "")
    key = RATE_KEYS.get(kind)
    if key is None:
        there = [key for key in RATE_KEYS.values() if key in meta]
        if kind:
            raise FormatError(str(path), f"typeThis={kind:.40} is none of {', '.join(RATE_KEYS)}")
        if len(there) != 1:
            raise _no_meta(path, "typeThis")
        key = there[0]
    if key not in meta:
        raise _no_meta(path, key)
    text = meta[key]
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise FormatError(str(path), f"{key}={text:.40} is not a number of Hz above zero")
    return rate


def _no_meta(path: Path, key: str) -> FormatError:
    return FormatError(str(path), f"not the .meta of a SpikeGLX recording: {key} is missing")

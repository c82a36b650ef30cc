"""SpikeGLX: a ``.bin`` of interleaved int16, described by the ``.meta`` beside it.

The ``.meta`` is text, one ``key=value`` a line. Read here: ``typeThis`` (``imec``, ``nidq`` or ``obx``) chooses the key of the
sampling rate; ``nSavedChans`` counts the channels and must agree with the counts by kind (``snsApLfSy`` and the like);
``fileSizeBytes`` must be the size of the ``.bin``; ``~snsChanMap`` names the channels. Only the ``.bin`` is the source that is
compressed and restored; the ``.meta`` is small text and stays as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from n1codec.errors import FormatError
from n1codec.formats._source import SourceFile, open_source
from n1codec.formats.placement import Placement
from n1codec.formats.raw import interleaved
from n1codec.frame import MAX_CHANNELS

MAX_META_BYTES: Final = 1 << 24
"""Longest .meta file: those of 5,000 channels have less than a megabyte."""

RATE_KEYS: Final[Mapping[str, str]] = {"imec": "imSampRate", "nidq": "niSampRate", "obx": "obSampRate"}
COUNT_KEYS: Final = ("snsApLfSy", "snsMnMaXaDw", "snsXaDwSy")

_NAMES: Final = re.compile(r"\(([^;()]*);[^()]*\)")


def meta_of(path: Path) -> Path:
    """Return where the ``.meta`` of a ``.bin`` has to be."""
    return path.with_suffix(".meta")


def bin_of(path: Path) -> Path:
    """Return where the ``.bin`` of a ``.meta`` has to be; other paths stay as they are."""
    return path.with_suffix(".bin") if path.suffix.lower() == ".meta" else path


def with_size(meta: bytes, n_bytes: int) -> bytes:
    """Return the text of a ``.meta`` for a ``.bin`` of another size."""
    return re.sub(rb"(?m)^(fileSizeBytes\s*=\s*)[0-9]+", rb"\g<1>%d" % n_bytes, meta)


def locate(source: SourceFile) -> Placement:
    """Describe the ``.bin`` of a SpikeGLX recording with the help of the ``.meta`` beside it.

    Raises
    ------
    FormatError
        If a file cannot be read, or the ``.meta`` lacks what is needed or contradicts the ``.bin``.
    """
    meta_path = meta_of(source.path)
    meta = _read_meta(meta_path)
    channels = _whole(meta_path, meta, "nSavedChans")
    if not 1 <= channels <= MAX_CHANNELS:
        raise FormatError(str(meta_path), f"nSavedChans={channels} is outside 1..{MAX_CHANNELS}")
    _check_counts(meta_path, meta, channels)
    rate = _rate(meta_path, meta)
    promised = _whole(meta_path, meta, "fileSizeBytes")
    if promised != source.size:
        raise source.error(
            f"has {source.size} bytes, its .meta says {promised}: an incomplete copy? "
            "To read it nevertheless, give --dtype, --channels and --rate"
        )
    names = tuple(_NAMES.findall(meta.get("~snsChanMap", "")))
    return interleaved(source, np.dtype("<i2"), channels, rate, "spikeglx", names if len(names) == channels else ())


def _read_meta(path: Path) -> dict[str, str]:
    with open_source(path) as source:
        if source.size > MAX_META_BYTES:
            raise source.error(f"{source.size} bytes are more than the limit of {MAX_META_BYTES} for a .meta file")
        text = source.bytes_at(0, source.size).decode("utf-8", errors="replace")
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def _value(path: Path, meta: Mapping[str, str], key: str) -> str:
    if key not in meta:
        raise FormatError(str(path), f"not the .meta of a SpikeGLX recording: {key} is missing")
    return meta[key]


def _whole(path: Path, meta: Mapping[str, str], key: str) -> int:
    text = _value(path, meta, key)
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise FormatError(str(path), f"{key}={text:.40} is not a whole number")
    return int(text)


def _rate(path: Path, meta: Mapping[str, str]) -> float:
    kind = _value(path, meta, "typeThis")
    if kind not in RATE_KEYS:
        raise FormatError(str(path), f"typeThis={kind:.40} is none of {', '.join(RATE_KEYS)}")
    key = RATE_KEYS[kind]
    text = _value(path, meta, key)
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise FormatError(str(path), f"{key}={text:.40} is not a number of Hz above zero")
    return rate


def _check_counts(path: Path, meta: Mapping[str, str], channels: int) -> None:
    """Compare the number of channels with the counts of each kind (AP, LF, sync ...) where these are given."""
    for key in COUNT_KEYS:
        if key in meta:
            counts = meta[key].split(",")
            if not all(re.fullmatch(r"[0-9]{1,9}", count) for count in counts) or sum(map(int, counts)) != channels:
                raise FormatError(str(path), f"{key}={meta[key]:.40} does not add up to nSavedChans={channels}")

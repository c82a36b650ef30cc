"""The ``.ch`` of mtscomp: JSON that says how the ``.cbin`` beside it is cut and packed. Nothing of it is trusted."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from n1codec.envelope import MAX_CHANNELS
from n1codec.errors import FormatError

MAX_CH_BYTES: Final = 1 << 24
"""Longest .ch file: that of a day in chunks of a second has some 4 MB."""
MAX_CHUNK_VALUES: Final = 1 << 26
"""Most samples of a chunk, over all channels: what is held at once. A second of Neuropixels has a sixth of that."""

_MAX_BRACKETS: Final = 1000
"""A ``.ch`` has four; what is nested deeper, or has more objects, is not parsed."""
_SHA1: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Description:
    """What a ``.ch`` says, checked.

    Parameters
    ----------
    dtype : numpy.dtype
        Of the samples.
    channels : int
        Number of channels.
    rate : float
        Samples a second of each.
    bounds : sequence of int
        Where chunks begin, in frames; the last one is the end.
    offsets : sequence of int
        Where their streams begin in the ``.cbin``, in bytes; the last one is the end.
    order : str
        ``"F"`` if a chunk lies channel after channel, else ``"C"``.
    time, space : bool
        Whether differences were taken along time, and along channels.
    sha1_packed, sha1_samples : str or None
        Of the ``.cbin`` and of the ``.bin``; None where a recording was cut by `mtschop`.
    """

    dtype: np.dtype[Any]
    channels: int
    rate: float
    bounds: Sequence[int]
    offsets: Sequence[int]
    order: str
    time: bool
    space: bool
    sha1_packed: str | None
    sha1_samples: str | None


def parse(path: Path, text: bytes) -> Description:
    """Read and check a ``.ch``.

    Parameters
    ----------
    path : Path
        Its name, for messages.
    text : bytes
        All of it.

    Raises
    ------
    FormatError
        If it is none.
    """
    if text.count(b"[") + text.count(b"{") > _MAX_BRACKETS:
        raise FormatError(str(path), "not the .ch of mtscomp: its JSON is nested too deep, or of too many parts")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(str(path), f"not the .ch of mtscomp: no JSON ({error!s:.80})") from None
    if not isinstance(given, dict):
        raise FormatError(str(path), "not the .ch of mtscomp: its JSON is no object")
    return _Fields(path, given).description()


class _Fields:
    """The fields of a ``.ch``, each taken with a check.

    Parameters
    ----------
    path : Path
        The file, for messages.
    given : dict
        What the JSON holds.
    """

    def __init__(self, path: Path, given: dict[str, Any]) -> None:
        self._path = path
        self._given = given

    def description(self) -> Description:
        """Return what they say."""
        version = self._one("version", str)
        if not re.fullmatch(r"1(\.[0-9]{1,9})*", version):
            raise self._wrong("version", "a version 1 of mtscomp's files")
        if self._one("algorithm", str) != "zlib":
            raise self._wrong("algorithm", "zlib")
        order = self._one("chunk_order", str)
        if order not in ("C", "F"):
            raise self._wrong("chunk_order", "C or F")
        channels = self._one("n_channels", int)
        if not 1 <= channels <= MAX_CHANNELS:
            raise self._wrong("n_channels", f"1 to {MAX_CHANNELS}")
        bounds, offsets = self._rising("chunk_bounds"), self._rising("chunk_offsets")
        if len(bounds) != len(offsets):
            raise self._error(f"chunk_bounds has {len(bounds)} numbers, chunk_offsets {len(offsets)}")
        longest = max(stop - start for start, stop in itertools.pairwise(bounds))
        if longest * channels > MAX_CHUNK_VALUES:
            raise self._error(f"a chunk of {longest} x {channels} samples is beyond the limit of {MAX_CHUNK_VALUES}")
        return Description(
            self._dtype(), channels, self._rate(), bounds, offsets, order, self._one("do_time_diff", bool),
            self._one("do_spatial_diff", bool), self._sha1("sha1_compressed"), self._sha1("sha1_uncompressed"),
        )  # fmt: skip

    def _error(self, reason: str) -> FormatError:
        return FormatError(str(self._path), f"not a .ch of mtscomp that is read here: {reason}")

    def _wrong(self, key: str, wanted: str) -> FormatError:
        if key not in self._given:
            return self._error(f"{key} is missing")
        return self._error(f"{key} is {self._given[key]!r:.60}, not {wanted}")

    def _one(self, key: str, kind: type) -> Any:
        value = self._given.get(key)
        if type(value) is not kind:
            raise self._wrong(key, {str: "text", int: "a whole number", bool: "true or false"}[kind])
        return value

    def _dtype(self) -> np.dtype[Any]:
        try:
            dtype: np.dtype[Any] = np.dtype(self._one("dtype", str))
        except (TypeError, ValueError, SyntaxError):
            raise self._wrong("dtype", "a type of integers") from None
        if dtype.kind not in "iu":  # differences of floats do not add up to them again
            raise self._wrong("dtype", "a type of integers")
        return dtype

    def _rate(self) -> float:
        value = self._given.get("sample_rate")
        try:
            rate = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        except OverflowError:
            rate = math.inf
        if not 0 < rate < math.inf:
            raise self._wrong("sample_rate", "a number of Hz above zero")
        return rate

    def _rising(self, key: str) -> list[int]:
        value = self._given.get(key)
        if not isinstance(value, list) or len(value) < 2 or not all(type(item) is int for item in value):
            raise self._wrong(key, "a list of two whole numbers or more")
        if value[0] != 0 or not all(one < other for one, other in itertools.pairwise(value)) or value[-1] >= 1 << 62:
            raise self._error(f"{key} does not rise from 0")
        return value

    def _sha1(self, key: str) -> str | None:
        value = self._given.get(key)
        if value is not None and not (isinstance(value, str) and _SHA1.fullmatch(value)):
            raise self._wrong(key, "a SHA-1")
        return value

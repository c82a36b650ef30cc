"""Which samples and channels: what ``--start``, ``--stop`` and ``--channels`` mean."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from n1codec.errors import ParameterError

_UNITS: Final = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0, "h": 3600.0}
_NUMBER: Final = re.compile(r"(-?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([a-z]*)")
_CLOCK: Final = re.compile(r"(-?)(?:([0-9]+):)?([0-9]+):([0-9]+(?:\.[0-9]*)?)")


def sample_at(text: str, rate: float, n_samples: int) -> int:
    """Return the sample that a point in time means, within ``0..n_samples``.

    Parameters
    ----------
    text : str
        ``1.5`` or ``1.5s``, ``250ms``, ``10us``, ``2min``, ``1h``, ``1:30`` (minutes and seconds), ``1:00:00``, or
        ``30000samples``. Negative times count from the end.
    rate : float
        Samples a second.
    n_samples : int
        Samples there are.

    Raises
    ------
    ParameterError
        If the text is no time.
    """
    negative, at = _parse(text, rate)
    if negative:
        at = n_samples - at
    return min(max(at, 0), n_samples)


def check_time(text: str) -> None:
    """Raise :class:`ParameterError` if a text is no time."""
    _parse(text, 1.0)


def _parse(text: str, rate: float) -> tuple[bool, int]:
    """Return whether a time counts from the end, and how many samples it is."""
    if match := _CLOCK.fullmatch(text.strip()):
        sign, hours, minutes, seconds = match.groups()
        return bool(sign), _rounded((int(hours or 0) * 60 + int(minutes)) * 60 + float(seconds), rate)
    match = _NUMBER.fullmatch(text.strip().lower())
    if match is not None:
        sign, number, unit = match.groups()
        if unit in ("sample", "samples") and number.isdigit():
            return bool(sign), int(number)
        if unit in _UNITS:
            return bool(sign), _rounded(float(number) * _UNITS[unit], rate)
    raise ParameterError(f"{text!r} is no time: expected such as 1.5, 250ms, 2min, 1:30 or 30000samples")


def _rounded(seconds: float, rate: float) -> int:
    at = seconds * rate
    if not math.isfinite(at):
        raise ParameterError(f"{seconds} s is no time")
    return round(at)


def channel_numbers(text: str, n_channels: int, names: Sequence[str] = ()) -> list[int]:
    """Return the channels that a list means.

    Parameters
    ----------
    text : str
        Numbers from 0, ranges that include both ends, and names, such as ``0,4-7,AP12``.
    n_channels : int
        Channels there are.
    names : sequence of str
        Their names, or empty.

    Raises
    ------
    ParameterError
        If there is no such channel.
    """
    chosen: list[int] = []
    for part in text.split(","):
        part = part.strip()
        match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", part)
        if part in names:
            chosen.append(names.index(part))
        elif match is not None:
            first, last = int(match[1]), int(match[2] or match[1])
            if first > last or last >= n_channels:
                raise ParameterError(f"--channels {part}: there are channels 0 to {n_channels - 1}")
            chosen += range(first, last + 1)
        else:
            raise ParameterError(f"--channels {part}: expected such as 0,4-7 or names of channels")
    return chosen

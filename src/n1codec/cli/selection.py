"""Which samples and channels: what ``--start``, ``--stop`` and ``--channels`` mean."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from n1codec.errors import ParameterError

_UNITS: Final = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0, "h": 3600.0}
_NUMBER: Final = re.compile(r"(-?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([a-z]*)")
_CLOCK: Final = re.compile(r"(-?)(?:([0-9]+):)?([0-9]+):([0-9]+(?:\.[0-9]*)?)")

_CHANNELS: Final = re.compile(r"#?([0-9]{1,9})(?:-([0-9]{1,9}))?")
_PART: Final = re.compile(r'\s*(?:name:)?"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*)')


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


def channel_numbers(
    text: str, n_channels: int, names: Sequence[str] = (), tell: Callable[[str], None] | None = None
) -> list[int]:
    """Return the channels that a list means.

    Parameters
    ----------
    text : str
        Numbers from 0, ranges that include both ends, and names, such as ``0,4-7,AP12``. What is both is a name. ``#3`` and
        ``#4-7`` are numbers and nothing else, ``name:3`` and ``"3"`` names; within double quotes a name may hold commas,
        and ``""`` is a quote.
    n_channels : int
        Channels there are.
    names : sequence of str
        Their names, or empty.
    tell : callable, optional
        Told in a line what was taken where both a name and a number may be meant.

    Raises
    ------
    ParameterError
        If there is no such channel, or several of one name.
    """
    chosen: list[int] = []
    for part, quoted in _parts(text):
        match = None if quoted else _CHANNELS.fullmatch(part)
        if quoted or part.startswith("name:") or (part in names and not part.startswith("#")):
            name = part if quoted or part in names else part.removeprefix("name:")
            chosen.append(_named(name, names))
            if (
                match
                and not quoted
                and part in names
                and chosen[-1:] != _numbered(match, n_channels, part, check=False)
            ):
                _tell(tell, f"{part} is taken as the name of channel {chosen[-1]}; #{part} is the number")
        elif match is not None:
            chosen += _numbered(match, n_channels, part)
            ends = [end for end in match.groups() if end in names and not part.startswith("#")]
            if any(names.index(end) != int(end) for end in ends):
                _tell(tell, f"{part} is taken as numbers from 0, though channels are named {' and '.join(ends)}")
        else:
            wanted = "such as 0,4-7 or names of channels"
            raise ParameterError(f"--channels {part}: expected {wanted}{_some(names)}")
    return chosen


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Split a list at commas that stand in no quotes; say of each part whether it was in quotes."""
    at = 0
    while at <= len(text):
        match = _PART.match(text, at)
        assert match is not None  # the last alternative takes anything, or nothing
        quoted, plain = match.groups()
        if quoted is None and plain.strip().startswith(('"', 'name:"')):
            raise ParameterError(f"--channels {text}: a quote is not closed, or something follows it")
        yield (plain.strip(), False) if quoted is None else (quoted.replace('""', '"'), True)
        at = match.end() + 1


def _numbered(match: re.Match[str], n_channels: int, part: str, *, check: bool = True) -> list[int]:
    """Return the channels of a number or a range."""
    first, last = int(match[1]), int(match[2] or match[1])
    if check and (first > last or last >= n_channels):
        raise ParameterError(f"--channels {part}: there are channels 0 to {n_channels - 1}")
    return list(range(first, last + 1)) if last < n_channels else []


def _named(name: str, names: Sequence[str]) -> int:
    """Return the one channel of a name."""
    found = [index for index, other in enumerate(names) if other == name]
    if not found:
        raise ParameterError(f"--channels {name}: no channel has this name{_some(names)}")
    if len(found) > 1:
        numbers = ", ".join(f"#{index}" for index in found[:8])
        raise ParameterError(f"--channels {name}: {len(found)} channels have this name; their numbers are {numbers}")
    return found[0]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(dict.fromkeys(names[:4]))
    return f"; names are {shown}{' ...' if len(names) > 4 else ''}" if names else "; the channels have no names"


def _tell(tell: Callable[[str], None] | None, text: str) -> None:
    if tell is not None:
        tell(f"--channels {text}")

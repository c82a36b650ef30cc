"""Finding the gain behind floats: from some of them, how far neighbours are apart, and then which numbers are exact.

Floats that were whole numbers times a gain lie on a grid, up to their rounding. The distance of its lines is the greatest
common divisor of all differences, as far as rounding lets it be known, and gets sharper with each value farther away. Each
value then says between which bounds the gain lies: k * gain has to round to it. What lies within all bounds and is written in
the fewest digits (0.195, 2.34375e-6, 1/30000) is most likely what somebody once wrote down, and is tried first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec.codec import bits_of
from n1codec.transforms._gain_map import MAX_CORRECTIONS, Floats, GainMap

Doubles = NDArray[np.float64]

PROBE: Final = 2048
"""So many values in a row are looked at, and as many from all over."""
MAX_SPAN: Final = 1 << 48
"""Grids with more lines than this between two values are none."""

_CLOSEST: Final = 512
"""So many of the smallest differences decide about the distance of the lines."""
_SMALLEST: Final = 1e-290
"""Gains below this, and above its inverse, are not looked for: their inverses are no normal numbers."""
_ROUNDS: Final = 64
_ROUNDINGS: Final = (1.0, 12.0)
"""How many half units in the last place a value may be off its line: some were rounded several times."""
_CLEAR: Final = 2.0
"""How much farther apart than the rounding lines have to be."""
_SAFE: Final = 0.3
"""Within this share of the spacing there is no doubt on which line a value lies."""
_WRONG_BITS: Final = 4.0
"""What a value costs, about, that is given back by a few units in the last place only."""
_FEW: Final = 256
"""So many values are tried first."""
_HOPELESS: Final = 0.25
"""A share of them that no more are tried for."""
_FEW_WRONG: Final = 1 / 16
"""A share that may be written one by one, where there are too many codes to have corrections."""
_SHIFTS: Final = 64
"""By so many lines an offset is moved in search of the one that was added."""
_NEIGHBOURS: Final = 4
"""Doubles on each side of the best gain that are tried."""
_EPSILON: Final = {2: 2.0**-11, 4: 2.0**-24, 8: 2.0**-53}
"""Half a unit in the last place of 1."""


def probe_of(channel: Floats) -> Floats:
    """Return some values of a channel: a stretch of it, and some from all over."""
    if len(channel) <= 2 * PROBE:
        return np.ascontiguousarray(channel)
    middle = len(channel) // 2
    return np.concatenate((channel[middle : middle + PROBE], channel[:: len(channel) // PROBE]))


def find_gain(probe: Floats) -> GainMap | None:
    """Return the map that gives back values, bit for bit or within a few units in the last place, or None if none is found."""
    with np.errstate(all="ignore"):  # what overflows fits nothing
        return _find(probe[np.isfinite(probe)])


def _find(finite: Floats) -> GainMap | None:
    precision = _precision(finite)
    values = np.unique(finite).astype(np.float64)
    values = values[np.abs(values) >= np.finfo(f"f{precision}").tiny] if values.size else values
    if values.size == 0:
        return GainMap(1.0, precision)
    if values.size == 1:
        return GainMap(float(values[0]), precision)
    zeros = finite[finite == 0]
    negative = zeros.size > 0 and bool(np.signbit(zeros).all())
    span, few = float(values[-1] - values[0]), finite[:: max(1, finite.size // _FEW)]
    best: tuple[float, GainMap] | None = None
    for found in _candidates(values, precision):
        if not (_SMALLEST < abs(found.gain) < 1 / _SMALLEST and math.isfinite(found.offset)):
            continue
        candidate = replace(found, gain=-found.gain) if negative else found
        wrong = mismatch(candidate, few)
        if wrong <= _HOPELESS:
            wrong = mismatch(candidate, finite)
        if wrong == 0:
            return candidate
        lines = span * abs(candidate.gain) if candidate.divide else span / abs(candidate.gain)
        score = math.log2(max(lines, 1.0)) + _WRONG_BITS * wrong
        if (wrong <= _FEW_WRONG or lines < MAX_CORRECTIONS) and (best is None or score < best[0]):
            best = score, candidate
    return None if best is None else best[1]


def mismatch(candidate: GainMap, floats: Floats) -> float:
    """Return the share of floats that a map does not give back."""
    again = candidate.values(candidate.numbers(floats), floats.dtype)
    return float(np.count_nonzero(bits_of(again) != bits_of(floats))) / max(1, floats.size)


def _precision(finite: Floats) -> int:
    """Return in how many bytes all values could be."""
    if finite.dtype.itemsize == 8 and (finite.astype(np.float32).astype(np.float64) == finite).all():
        return 4
    return finite.dtype.itemsize


def _candidates(values: Doubles, precision: int) -> Iterator[GainMap]:
    epsilon = _EPSILON[precision]
    anchor = float(values[np.argmin(np.abs(values))])
    for rounding in _ROUNDINGS:
        doubt = rounding * epsilon * np.abs(values)
        spacing = _spacing(*_with_zero(values, doubt))
        if spacing is not None:
            yield from _through_zero(values, spacing, precision)
        spacing = _spacing(values, doubt)
        if spacing is not None:
            yield from _with_offset(values, anchor, spacing, precision)


def _with_zero(values: Doubles, doubt: Doubles) -> tuple[Doubles, Doubles]:
    at = int(np.searchsorted(values, 0.0))
    return np.insert(values, at, 0.0), np.insert(doubt, at, 0.0)


def _spacing(values: Doubles, doubt: Doubles) -> float | None:
    """Return how far the lines are apart on which ascending values lie that are off by no more than their doubt.

    This is Euclid's algorithm: what is left of a difference, when the spacing has been taken away as often as it goes, is a
    difference of lines as well, unless it is within what is not known.
    """
    steps, unsure = np.diff(values), doubt[1:] + doubt[:-1]
    order = np.argsort(steps)[:_CLOSEST]
    steps, unsure = steps[order], unsure[order]
    spacing, slack = _surest(steps, unsure)
    for _ in range(_ROUNDS):
        if not spacing > _CLEAR * slack or float(values[-1] - values[0]) > MAX_SPAN * spacing:
            return None
        lines = np.rint(steps / spacing)
        off = np.abs(steps - lines * spacing)
        known = unsure + lines * slack
        wrong = off > known
        if not wrong.any():
            return _sharpened(values, doubt, spacing, slack)
        spacing, slack = _surest(off[wrong], known[wrong])
    return None


def _surest(steps: Doubles, unsure: Doubles) -> tuple[float, float]:
    """Return the smallest step, and what is not known of it; of nearly equal ones the best known one."""
    least = np.argmin(steps)
    alike = np.flatnonzero(steps <= steps[least] + unsure[least] + unsure)
    best = alike[np.argmin(unsure[alike])]
    return float(steps[best]), float(unsure[best])


def _sharpened(values: Doubles, doubt: Doubles, spacing: float, slack: float) -> float | None:
    """Return the spacing as exactly as it can be told, from values ever farther apart."""
    apart = 1
    while True:
        steps, unsure = values[apart:] - values[:-apart], doubt[apart:] + doubt[:-apart]
        lines = np.rint(steps / spacing)
        known = unsure + lines * slack
        safe = (known < _SAFE * spacing) & (lines > 0)
        if (np.abs(steps - lines * spacing)[safe] > known[safe] + spacing * 2.0**-40).any():
            return None
        if safe.any():
            blur = np.where(safe, unsure / np.maximum(lines, 1), np.inf)
            best = np.argmin(blur)
            if blur[best] < slack:
                spacing, slack = float(steps[best] / lines[best]), float(blur[best]) + spacing * 2.0**-52
        if apart == len(values) - 1:
            break
        apart = min(2 * apart, len(values) - 1)
    lines = np.rint((values - values[0]) / spacing)
    off = np.abs(values - values[0] - lines * spacing)
    if (off > np.maximum(doubt + doubt[0] + lines * slack, _SAFE * spacing)).any():
        return None
    return float(((values - values[0]) * lines).sum() / (lines * lines).sum())


def _through_zero(values: Doubles, spacing: float, precision: int) -> Iterator[GainMap]:
    lines = np.rint(values / spacing)
    kept = lines != 0
    if not kept.any():  # all lie nearer to zero than to a line
        return
    size, number = np.abs(values[kept]), np.abs(lines[kept])
    half = _half_unit(size, precision)
    low, high = float(((size - half) / number).max()), float(((size + half) / number).min())
    if low > high:  # several roundings: what fits best
        low, high = high, low
    for gain in _written(low, high):
        yield GainMap(gain, precision)
    for divisor in _written(1 / high, 1 / low):
        yield GainMap(divisor, precision, divide=True)
        yield GainMap(1 / divisor, precision)
    yield from (GainMap(gain, precision) for gain in _around(0.5 * (low + high)))


def _with_offset(values: Doubles, anchor: float, spacing: float, precision: int) -> Iterator[GainMap]:
    lines = np.rint((values - anchor) / spacing)
    half = _half_unit(values, precision)
    gains = [*_written(*_gain_bounds(values, lines, half, anchor, spacing))]
    gains += [*_around(spacing)]
    for gain in gains:
        if not _SMALLEST < gain < 1 / _SMALLEST:
            return
        ways = [(gain, False)]
        if abs(1 / gain - round(1 / gain)) < 1e-6 / gain * 1e-3 and round(1 / gain) > 1:
            ways = [(float(round(1 / gain)), True), (1 / round(1 / gain), False), *ways]
        for number, divide in ways:
            scaled = lines / number if divide else lines * number
            low, high = float((values - half - scaled).max()), float((values + half - scaled).min())
            offsets = [anchor, *_written(min(low, high), max(low, high)), 0.5 * (low + high)]
            for offset in dict.fromkeys(offsets):
                yield GainMap(number, precision, offset, divide)
                if precision == 4:
                    yield GainMap(number, precision, offset, divide, single=True)
    yield from _shifted(gains[0], 0.5 * (low + high), precision)


def _shifted(gain: float, offset: float, precision: int) -> Iterator[GainMap]:
    """Return maps whose offsets are some lines away: with two roundings only the one that was added gives all values back."""
    for shift in range(-_SHIFTS, _SHIFTS + 1):
        written = float(f"{offset + shift * gain:.12g}")
        if precision == 8:
            yield GainMap(gain, precision, written)
        elif precision == 4:
            yield GainMap(float(np.float32(gain)), precision, float(np.float32(written)), single=True)


def _gain_bounds(values: Doubles, lines: Doubles, half: Doubles, anchor: float, spacing: float) -> tuple[float, float]:
    """Return between what bounds the gain lies if the value at `anchor` is that of line 0."""
    far = np.argmax(np.abs(lines))
    slack = 2 * (float(half[far]) + float(half.min())) / max(1.0, abs(float(lines[far])))
    return spacing - slack, spacing + slack


def _half_unit(values: Doubles, precision: int) -> Doubles:
    """Return half the distance from values to the next ones of their precision."""
    half: Doubles = 0.5 * np.spacing(np.abs(values).astype(f"f{precision}")).astype(np.float64)
    return half


def _written(low: float, high: float) -> Iterator[float]:
    """Return a number from low to high that is written in the fewest digits, and then one of one digit more."""
    middle, found = 0.5 * (low + high), 0
    for digits in range(17):
        number = float(f"{middle:.{digits}e}")
        if low <= number <= high and number:
            yield number
            found += 1
            if found == 2:
                return


def _around(middle: float) -> Iterator[float]:
    """Return a number and its neighbours among doubles, the nearest first."""
    yield middle
    up = down = middle
    for _ in range(_NEIGHBOURS):
        up, down = float(np.nextafter(up, np.inf)), float(np.nextafter(down, -np.inf))
        yield up
        yield down

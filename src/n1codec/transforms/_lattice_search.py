"""Finding the map between stored values and converter codes, from the values that occur.

Nothing is known of the device. Candidates, each proved on every value before it is used:

* a common divisor of all differences: ``value = gain * code + offset``;
* a full-scale conversion of b-bit codes to the range of the type (``code * 65535 / 1023 - 32768`` and its relatives),
  whose rounding gives gaps of two sizes;
* any rational gain, where the gaps show one: the spacing is a line in the spectrum of the set of values; then the lines
  ``gain * code + offset`` that pass between each value and the next one up are found by concave maximisation, over
  windows that double in size, and the simplest fraction among their gains is taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec.transforms._lattice_map import MAX_RATIO, Ints, Rounding, Scale

_Floats = NDArray[np.float64]

MIN_VALUES: Final = 3
"""Fewest distinct values that say anything of a spacing."""
DENSE: Final = 0.9
"""Share of all integers that occur in the middle half of the values, from which on there is no spacing to find."""
_CLEAR_GAP: Final = 32
"""Least gap from which on the spacing, between 1 below and 2 above it, is known well enough over eight codes."""
_MAX_VALUES: Final = 1 << 16
_MIN_LINE: Final = 0.2
"""Height of a spectral line, as a share of a perfect comb's, below which no spacing is sought."""


def common_divisor(values: Ints) -> Scale | None:
    """Return the affine map of rising values whose differences have a common divisor."""
    divisor = int(np.gcd.reduce(np.diff(values)))
    if not 1 < divisor <= MAX_RATIO:
        return None
    return Scale(divisor, 1, int(values[0]))


def full_scale(values: Ints, bits: int, *, signed: bool) -> Scale | None:
    """Return the map of a full-scale conversion that explains rising values of a type of `bits` bits, or None."""
    gap = int(np.diff(values).min())
    few = np.concatenate((values[:8], values[-8:]))
    # No gain is larger than the least gap and what rounding may take off it; one far smaller would leave most codes unused.
    for scale in _full_scales(bits, signed, gap // 8, gap + 2):
        if scale.is_exact(few) and scale.is_exact(values):
            return scale
    return None


def _full_scales(bits: int, signed: bool, least: int, most: int) -> Iterator[Scale]:
    """Yield conversions of codes of 2 to `bits` - 1 bits whose gain is in `least`..`most`, the largest first.

    Codes count from the middle of the converter's range, which maps to about the middle of the type's.
    """
    roundings: tuple[Rounding, ...] = ("trunc", "floor", "even", "away")
    top = (1 << bits) - 1
    half = 1 << (bits - 1)
    for code_bits in range(2, bits):
        middle = 1 << (code_bits - 1)
        # The lowest code to the lowest value and the highest to the highest; then symmetric about zero, as sound
        # files have it.
        steps = 2 * middle - 1
        families = [(top, steps, middle * top - half * steps if signed else middle * top)]
        if signed:
            families += [(half - 1, middle - 1, 0), (half - 1, middle, 0)]
        for num, den, add in families:
            for rounding in roundings:
                if 1 < den < num <= MAX_RATIO and least * den <= num <= most * den:
                    common = math.gcd(num, den, add)
                    yield Scale(num // common, den // common, add // common, rounding)


def rational(values: Ints) -> Scale | None:
    """Return a map with any rational gain that explains rising values, or None; more than 65536 values are not tried."""
    if len(values) > _MAX_VALUES:
        return None
    # Rounding toward zero moves negative values up by one step more than positive ones: a break in the spacing.
    for shifted, roundings in ((values, _DOWN_OR_NEAREST), (values - (values < 0), _TOWARD_ZERO)):
        for spacing, reach in _spacings(shifted):
            found = _follow(values, spacing, reach, roundings)
            if found is not None:
                return found
    return None


_DOWN_OR_NEAREST: Final[tuple[Rounding, ...]] = ("floor", "even", "away")
_TOWARD_ZERO: Final[tuple[Rounding, ...]] = ("trunc",)


def _spacings(values: Ints) -> Iterator[tuple[float, float]]:
    """Yield likely distances between neighbouring values, and how far from a value they are sure to tell codes apart.

    The least gap says enough where it is large; elsewhere, lines that stand out in the spectrum of the densest stretch do.
    """
    gap = int(np.diff(values).min())
    if gap >= _CLEAR_GAP:
        yield gap + 0.5, 8.0 * gap
        return
    window = max(1024, 64 * gap)
    stretch = _densest(values, window)
    length = 8 * window
    comb = np.zeros(length, np.float64)
    comb[stretch - stretch[0]] = 1.0
    spectrum = np.abs(np.fft.rfft(comb)) / len(stretch)
    # Near frequency 0 stands the spectrum of the outline of the stretch, not of its spacing: no gain exceeds the
    # least gap + 2.
    inner = np.arange(max(1, int(length / (gap + 2.0))), length // 2)
    height = spectrum[inner]
    is_peak = (height >= spectrum[inner - 1]) & (height > spectrum[inner + 1]) & (height > _MIN_LINE)
    peaks = inner[is_peak]
    for peak in peaks[np.argsort(-spectrum[peaks], kind="stable")[:2]]:
        # A spacing below 2 shows at the mirror image of its frequency.
        for frequency in (float(peak) / length, 1 - float(peak) / length):
            if max(1.0, gap - 1.0) < 1 / frequency < gap + 2.0:
                yield 1 / frequency, 64 / frequency


def _densest(values: Ints, window: int) -> Ints:
    """Return the rising values of the stretch of `window` integers that has most of them."""
    ends = np.searchsorted(values, values + window)
    start = int(np.argmax(ends - np.arange(len(values))))
    return values[start : ends[start]]


def _follow(values: Ints, spacing: float, reach: float, roundings: tuple[Rounding, ...]) -> Scale | None:
    """Return a map with about the given spacing: found where values are densest, followed outward, then made exact.

    The ways to round differ by an offset and by what they make of ties, which only the last step sees.
    """
    start = _densest(values, int(reach))[0]
    low, high = (bound / _UNIT - start for bound in _bounds(values, _UNIT, roundings[0]))
    middle = (low + high) / 2
    gain, phase = spacing, _phase(middle[np.abs(middle) <= reach], spacing)
    while True:
        near = np.abs(middle) <= reach
        codes = np.rint((middle[near] - phase) / gain)
        if codes.max() == codes.min():
            return None  # nothing near the start to measure the gain by
        gain = _best_gain(codes, low[near], high[near], gain)
        least, most = _phases(codes, low[near], high[near], gain)
        if gain < 1 or most - least < -_SLACK:
            return None
        if near.all():
            return _exact(values, codes, low, high, gain, roundings)
        phase = (least + most) / 2
        reach *= 2


_UNIT: Final = 1 << 18
"""Denominator with which bounds of real numbers are written as integers."""
_SLACK: Final = 2.0**-16
"""How far floating point may stretch bounds: more than one unit, since bounds may be left out or may just touch."""


def _bounds(values: Ints, den: int, rounding: Rounding) -> tuple[Ints, Ints]:
    """Return the least and the greatest integer x for which x / den rounds to each value."""
    match rounding:
        case "floor":
            return values * den, values * den + (den - 1)
        case "trunc":
            low = np.where(values <= 0, values * den - (den - 1), values * den)
            return low, np.where(values < 0, values * den, values * den + (den - 1))
        case "even":
            takes_low = takes_high = values % 2 == 0
        case "away":
            takes_low, takes_high = values > 0, values < 0
    # Halfway between two values is a whole x only if den is even, and then belongs to one of them.
    low, high = (2 * values - 1) * den, (2 * values + 1) * den
    return np.where(takes_low, -(-low // 2), low // 2 + 1), np.where(takes_high, high // 2, -(-high // 2) - 1)


def _phase(middle: _Floats, spacing: float) -> float:
    """Return where, within a period, the values lie on average."""
    turns = 2 * np.pi / spacing * middle
    return float(np.arctan2(np.sin(turns).mean(), np.cos(turns).mean()) * spacing / (2 * np.pi))


def _phases(codes: _Floats, low: _Floats, high: _Floats, gain: float) -> tuple[float, float]:
    """Return the least and the greatest offset with which gain * code + offset keeps all bounds; none if they cross."""
    line = gain * codes
    return float((low - line).max()), float((high - line).min())


def _room(codes: _Floats, low: _Floats, high: _Floats, gain: float) -> float:
    least, most = _phases(codes, low, high, gain)
    return most - least


def _best_gain(codes: _Floats, low: _Floats, high: _Floats, gain: float) -> float:
    """Return the gain near `gain` that leaves the offset most room, a concave function, by golden sections."""
    # Codes are right to a half, and offsets to a whole value, over their whole reach.
    reach = (2 + gain) / max(1.0, float(codes.max() - codes.min()))
    golden = (5**0.5 - 1) / 2
    left, right = gain - reach, gain + reach
    inner = [right - golden * (right - left), left + golden * (right - left)]
    room = [_room(codes, low, high, at) for at in inner]
    for _ in range(50):
        if room[0] > room[1]:
            right = inner[1]
            inner = [right - golden * (right - left), inner[0]]
            room = [_room(codes, low, high, inner[0]), room[0]]
        else:
            left = inner[0]
            inner = [inner[1], left + golden * (right - left)]
            room = [room[1], _room(codes, low, high, inner[1])]
    return (left + right) / 2


def _edge(codes: _Floats, low: _Floats, high: _Floats, inside: float, outside: float) -> float:
    """Return the last gain with room on the way from one that has it to one that has not."""
    for _ in range(50):
        between = (inside + outside) / 2
        if _room(codes, low, high, between) >= -_SLACK:
            inside = between
        else:
            outside = between
    return inside


def _exact(
    values: Ints, codes: _Floats, low: _Floats, high: _Floats, gain: float, roundings: tuple[Rounding, ...]
) -> Scale | None:
    """Return the map with the simplest fraction as its gain that explains all values, or None."""
    reach = 4 / max(1.0, float(codes.max() - codes.min()))
    left = _edge(codes, low, high, gain, gain - reach)
    right = _edge(codes, low, high, gain, gain + reach)
    for _ in range(4):
        ratio = _simplest(Fraction(left), Fraction(right))
        if ratio < 1 or max(ratio.numerator, ratio.denominator) > _MAX_FOUND_RATIO:
            return None
        # The offset may need smaller units than the gain.
        for finer in range(1, _FINER + 1):
            for rounding in roundings:
                scale = _with_offset(values, codes, ratio.numerator * finer, ratio.denominator * finer, rounding)
                if scale is not None:
                    return scale
        # The edges are not sharp: keep clear of them.
        left, right = (left + gain) / 2, (right + gain) / 2
    return None


def _with_offset(values: Ints, codes: _Floats, num: int, den: int, rounding: Rounding) -> Scale | None:
    """Return the map of a given gain that explains all values, or None if there is no offset for it."""
    least, most = _bounds(values, den, rounding)
    line = codes.astype(np.int64) * num
    first, last = int((least - line).max()), int((most - line).min())
    if first > last:
        return None
    scale = Scale(num, den, (first + last) // 2, rounding)
    return scale if scale.is_exact(values) else None


_MAX_FOUND_RATIO: Final = 1 << 20
_FINER: Final = 10


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction of the smallest denominator in low..high, for 0 < low <= high (by continued fractions)."""
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    whole -= 1
    return whole + 1 / _simplest(1 / (high - whole), 1 / (low - whole))

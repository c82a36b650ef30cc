"""Numbers as text, the same everywhere in a report."""

from __future__ import annotations

from collections.abc import Callable

DASH = "–"  # noqa: RUF001  # typographic on purpose


def fixed(value: float | None, digits: int = 3) -> str:
    """Return a number with so many decimals."""
    return DASH if value is None else f"{value:,.{digits}f}"


def brief(value: float | None) -> str:
    """Return three significant digits in plain notation."""
    if value is None:
        return DASH
    size = abs(value)
    return (
        f"{value:,.0f}"
        if size >= 100
        else f"{value:.1f}"
        if size >= 10
        else f"{value:.2f}"
        if size >= 0.1
        else f"{value:.2g}"
    )


def percent(value: float, digits: int = 1) -> str:
    """Return a share in percent."""
    return f"{100 * value:z.{digits}f} %"


def times(value: float) -> str:
    """Return a factor."""
    return f"{brief(value)}×"  # noqa: RUF001


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(words: list[str], last: str = "and") -> str:
    """Return words as an enumeration."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def seconds(value: float) -> str:
    """Return a duration in the unit that suits it."""
    return f"{value:,.1f} s" if value < 120 else f"{value / 60:,.1f} min" if value < 7200 else f"{value / 3600:,.1f} h"


def marked(text: str, code: Callable[[str], str], plain: Callable[[str], str]) -> str:
    """Return text in which what stands between backticks went through `code`, and all else through `plain`."""
    return "".join((code if index % 2 else plain)(part) for index, part in enumerate(text.split("`")))

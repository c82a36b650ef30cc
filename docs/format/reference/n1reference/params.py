"""Parameters in a specification (docs/FORMAT.md, "spec and side information")."""

from __future__ import annotations

import re
from collections.abc import Mapping

from n1reference.errors import CorruptError

_INTEGER = re.compile(r"[0-9]{1,20}")


def integer(params: Mapping[str, str], key: str, default: int, low: int, high: int) -> int:
    """Return a parameter from low to high."""
    text = params.get(key, str(default))
    if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
        raise CorruptError(f"parameter {key}={text} is outside {low}..{high}")
    return int(text)


def choice(params: Mapping[str, str], key: str, default: str, choices: tuple[str, ...]) -> str:
    """Return a parameter that is one of several words."""
    text = params.get(key, default)
    if text not in choices:
        raise CorruptError(f"parameter {key}={text} is none of {', '.join(choices)}")
    return text


def only(params: Mapping[str, str], *keys: str) -> None:
    """Raise for a parameter that a decoder has no use for."""
    for key in params:
        if key not in keys:
            raise CorruptError(f"no parameter {key} here")


def no_side(side: bytes, name: str) -> None:
    """Raise if there is side information."""
    if side:
        raise CorruptError(f"{name} has no side information")

"""What a header says as JSON (docs/FORMAT.md, "Header", field 1, and "Limits"): checked, and not used."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from typing import Any, Final

from n1reference.errors import CorruptError

MAX_BYTES: Final = 1 << 24
MAX_VALUES: Final = 1 << 20
MAX_DEPTH: Final = 64
MAX_DIGITS: Final = 1000

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUMBER: Final = re.compile(rb"[-+.0-9eE]{%d}" % (MAX_DIGITS + 1))


def _measure(text: bytes) -> None:
    """Raise for a text of more, deeper or longer values than a decoder has to take."""
    bare = _STRING.sub(b"", text)
    if sum(map(bare.count, (b",", b":", b"[", b"{"))) > MAX_VALUES or _NUMBER.search(bare):
        raise CorruptError("attributes are beyond the limits")
    depth = 0
    for byte in bare:
        depth += (byte in b"[{") - (byte in b"]}")
        if depth > MAX_DEPTH + 1:
            raise CorruptError(f"attributes are nested more than {MAX_DEPTH} deep")


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError(text)
    return float(text)


def check(text: bytes, channels: int) -> None:
    """Raise unless a text says what attributes may say."""
    _measure(text)
    try:
        content: Any = json.loads(text.decode("utf-8"), parse_float=_finite, parse_constant=_finite)
        json.dumps(content, ensure_ascii=False).encode("utf-8")
        start = content.get("start_time")
        right = start is None or bool(datetime.fromisoformat(start))
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise CorruptError("attributes are no JSON object, or hold an impossible time") from None
    right &= isinstance(content.get("metadata", {}), dict)
    for key, kinds in (("channel_names", (str,)), ("gains", (int, float)), ("offsets", (int, float))):
        values = content.get(key, [])
        right &= isinstance(values, list) and len(values) in (0, channels) and all(type(v) in kinds for v in values)
    if not right:
        raise CorruptError("attributes are of the wrong types")

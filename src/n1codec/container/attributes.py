"""What a header says as JSON: metadata, names, gains, offsets and the start time. Checked on the way out and on the way in.

JSON is a language in which few bytes make many objects, so its text is measured before it is parsed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Final

import numpy as np

from n1codec import arguments
from n1codec.container import limits
from n1codec.errors import CorruptError, ParameterError

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_AS_DIGITS: Final = bytes.maketrans(b"-+.eE123456789", b"0" * 14)
_LONG_NUMBER: Final = b"0" * (limits.MAX_JSON_DIGITS + 1)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON gives it back: tuples as lists, NumPy's numbers as numbers.

    Raises
    ------
    ParameterError
        If JSON cannot say it, or not in the same way.
    """
    if value is None or isinstance(value, (bool, np.bool_)):
        return value if value is None else bool(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return arguments.number("a number in metadata", value)
    if isinstance(value, (Mapping, list, tuple)) and depth >= limits.MAX_JSON_DEPTH:
        raise ParameterError(f"metadata must be nested at most {limits.MAX_JSON_DEPTH} deep")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ParameterError(
                    f"metadata must be what JSON can say, whose keys are strings, not {arguments.show(key)}"
                )
        return {str.__str__(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    raise ParameterError(
        f"metadata must be what JSON can say, which {type(value).__name__} is not: {arguments.show(value)}"
    )


def numbers(name: str, values: object) -> tuple[float, ...]:
    """Return finite numbers, one a channel."""
    return arguments.sequence(name, values, arguments.number)


def names(values: object) -> tuple[str, ...]:
    """Return the names of channels."""
    return arguments.sequence("channel_names", values, arguments.text)


def moment(time: Any) -> datetime | None:
    """Return a start time with its offset from UTC, if it has one, as plain as it is stored."""
    if time is None:
        return None
    arguments.instance("start_time", time, datetime)
    if getattr(time, "nanosecond", 0):
        raise ParameterError("start_time must have whole microseconds")
    try:
        offset = time.utcoffset()
        zone = None if offset is None else timezone(offset)
    except ValueError as error:
        raise ParameterError(f"start_time is impossible: {error}") from None
    parts = (time.year, time.month, time.day, time.hour, time.minute, time.second, time.microsecond)
    return datetime(*parts, tzinfo=zone)


def pack_attributes(content: dict[str, Any]) -> bytes:
    """Return the text of all attributes that say something; no bytes if none does."""
    content = {key: value for key, value in content.items() if value}
    if not content:
        return b""
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(f"metadata must be what JSON can say: {error}") from None
    if len(text) > limits.MAX_ATTRIBUTES_BYTES:
        raise ParameterError(f"{len(text)} bytes of metadata are more than {limits.MAX_ATTRIBUTES_BYTES}")
    return text


def parse_attributes(text: bytes) -> dict[str, Any]:
    """Return the attributes as arguments of a header; what they say beyond the known keys is passed over.

    Raises
    ------
    CorruptError
        If they are no JSON, more than the limits allow, or of the wrong types.
    """
    content = _parse_json(text)
    if not isinstance(content, dict) or not isinstance(content.get("metadata", {}), dict):
        raise CorruptError("header attributes are of the wrong types")
    start_time = content.get("start_time")
    try:
        time = None if start_time is None else datetime.fromisoformat(start_time)
    except (TypeError, ValueError):
        raise CorruptError("header attributes hold an impossible time") from None
    return {
        "metadata": content.get("metadata", {}),
        "channel_names": _listed(content, "channel_names", names),
        "gains": _listed(content, "gains", lambda values: numbers("gains", values)),
        "offsets": _listed(content, "offsets", lambda values: numbers("offsets", values)),
        "start_time": time,
    }


def _listed(content: dict[str, Any], key: str, check: Callable[[Sequence[Any]], tuple[Any, ...]]) -> tuple[Any, ...]:
    try:
        return check(content.get(key, []))
    except ParameterError as error:
        raise CorruptError(f"header attributes are of the wrong types: {error}") from None


def _parse_json(text: bytes) -> Any:
    bare = _STRING.sub(b'""', text)
    if sum(map(bare.count, (b",", b"[", b"{", b":"))) > limits.MAX_JSON_VALUES:
        raise CorruptError(f"header attributes hold more than {limits.MAX_JSON_VALUES} values")
    brackets = bare.translate(None, _NO_BRACKETS)
    if len(brackets) > 2 * limits.MAX_JSON_VALUES or _depth(brackets) > limits.MAX_JSON_DEPTH + 1:
        raise CorruptError(f"header attributes are nested more than {limits.MAX_JSON_DEPTH} deep")
    if _LONG_NUMBER in bare.translate(_AS_DIGITS):
        raise CorruptError(f"header attributes hold a number of more than {limits.MAX_JSON_DIGITS} digits")
    try:
        content = json.loads(text.decode("utf-8"), parse_float=_finite, parse_constant=_finite)
        if _SURROGATE.search(text):
            json.dumps(content, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise CorruptError("header attributes are not JSON") from None
    return content


def _depth(brackets: bytes) -> int:
    codes = np.frombuffer(brackets, np.uint8)
    steps = np.where((codes == ord("[")) | (codes == ord("{")), 1, -1)
    return int(np.cumsum(steps).max(initial=0))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number

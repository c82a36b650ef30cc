"""Results of the benchmark, read back from the JSON that it writes.

The file may come from another version or another machine, or have been cut by hand: fields that are not there take their
defaults, fields that are not known are passed over, and what is of the wrong kind is an error that names it.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from n1codec import arguments
from n1codec.bench.results import SCHEMA, Report
from n1codec.disk import os_errors
from n1codec.errors import FormatError, ParameterError

MAX_FILE_BYTES: Final = 1 << 28
"""Largest file of results that is read: those of a thousand codecs have a few megabytes."""
MAX_TEXT: Final = 400
"""Longest text kept of any field, in characters: a name is shown many times over."""

T = TypeVar("T")


def load(path: Path) -> Report:
    """Read a file of results.

    Parameters
    ----------
    path : Path
        Written by ``n1codec bench --json``.

    Raises
    ------
    FormatError
        If it holds no results, or those of a newer layout.
    FileError
        If it cannot be read.
    """
    path = arguments.path("path", path)
    with os_errors(path), path.open("rb") as file:  # a device may never end
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise FormatError(str(path), f"not a file of results: more than {MAX_FILE_BYTES >> 20} MiB")
    try:
        raw = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FormatError(str(path), f"not a file of results: {error}") from None
    if not isinstance(raw, dict) or "results" not in raw:
        raise FormatError(
            str(path), "not a file of results: written by `n1codec bench --json`, it would have `results`"
        )
    if raw.get("schema") != SCHEMA:
        raise FormatError(str(path), f"results of layout {raw.get('schema')!r}; this version reads layout {SCHEMA}")
    try:
        return _record(Report, raw, "")
    except (_WrongKindError, ParameterError) as error:  # the latter for settings that none can run with
        raise FormatError(str(path), str(error)) from None


class _WrongKindError(Exception):
    """A field that holds something else than it should; the message says which and what."""


def _record(cls: type[T], raw: object, where: str) -> T:
    """Return a dataclass filled from a JSON object."""
    if not isinstance(raw, Mapping):
        raise _WrongKindError(f"{where or 'the file'}: expected an object, not {_kind(raw)}")
    hints = typing.get_type_hints(cls)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]  # always called with a dataclass
        name = f"{where}.{field.name}".lstrip(".")
        if field.name in raw:
            values[field.name] = _value(hints[field.name], raw[field.name], name)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            values[field.name] = _absent(hints[field.name], name)
    return cls(**values)


def _value(hint: Any, raw: object, where: str) -> Any:
    """Return a JSON value as what the type of a field asks for."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:  # always "something or None" here
        return None if raw is None else _value(arguments[0], raw, where)
    if origin is tuple:
        if not isinstance(raw, list):
            raise _WrongKindError(f"{where}: expected a list, not {_kind(raw)}")
        return tuple(_value(arguments[0], one, f"{where}[{index}]") for index, one in enumerate(raw))
    if origin is dict:
        if not isinstance(raw, Mapping):
            raise _WrongKindError(f"{where}: expected an object, not {_kind(raw)}")
        return {_text(key): _value(arguments[1], one, f"{where}.{key}") for key, one in raw.items()}
    if dataclasses.is_dataclass(hint):
        return _record(typing.cast(type[Any], hint), raw, where)
    if hint is str and isinstance(raw, str):
        return _text(raw)
    if hint is bool and isinstance(raw, bool):
        return raw
    if hint in (int, float) and isinstance(raw, int | float) and not isinstance(raw, bool):
        if not math.isfinite(raw) or (hint is int and raw != int(raw)):
            raise _WrongKindError(f"{where}: {raw} is no number that it can hold")
        return hint(raw)
    raise _WrongKindError(f"{where}: expected {getattr(hint, '__name__', hint)}, not {_kind(raw)}")


def _absent(hint: Any, where: str) -> Any:
    """Return what stands for a field that is not there and has no default."""
    if typing.get_origin(hint) is types.UnionType:
        return None
    if typing.get_origin(hint) in (tuple, dict):
        return typing.get_origin(hint)()
    if dataclasses.is_dataclass(hint):
        return _record(typing.cast(type[Any], hint), {}, where)
    if where.endswith((".codec", ".spec", ".group", ".name", ".recording")):
        raise _WrongKindError(f"{where} is missing")
    return hint()


def _text(raw: str) -> str:
    """Return text that can be written as UTF-8, on one line, and is not endless."""
    clean = raw.encode("utf-8", "replace").decode("utf-8")
    clean = "".join(letter if letter.isprintable() else " " for letter in clean)
    return clean if len(clean) <= MAX_TEXT else clean[: MAX_TEXT - 1] + "…"


def _kind(raw: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(raw), "a number")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")

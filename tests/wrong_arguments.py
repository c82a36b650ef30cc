"""Values that are wrong for most arguments, and which kinds of arguments may take which of them."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np


class Hostile:
    """Raises at whatever it is asked for."""

    def __init__(self, *_: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("hostile")

    def __repr__(self) -> str:
        raise RuntimeError("hostile")

    def __fspath__(self) -> str:
        raise RuntimeError("hostile")

    def __float__(self) -> float:
        raise RuntimeError("hostile")

    def __index__(self) -> int:
        raise RuntimeError("hostile")

    def __len__(self) -> int:
        raise RuntimeError("hostile")

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("hostile")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise RuntimeError("hostile")


class Text(str):
    """Text that shows itself as another."""

    def __str__(self) -> str:
        return "another"


class BytesPath:
    """A path of bytes."""

    def __fspath__(self) -> bytes:
        return b"text"


class Table:
    """What a data frame is to NumPy."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.arange(12, dtype=np.int16).reshape(-1, 2)


@contextlib.contextmanager
def wrong_values(folder: Path) -> Iterator[dict[str, Any]]:
    """Give values by name; files among them are in a folder of their own."""
    (folder / "file").write_bytes(b"")
    closed = io.BytesIO()
    closed.close()
    masked = np.ma.array(np.arange(12, dtype=np.int16).reshape(-1, 2), mask=False)
    masked[3] = np.ma.masked
    values: dict[str, Any] = {
        "None": None,
        "object": object(),
        "a class": Hostile,
        "hostile": Hostile(),
        "text": "text",
        "a subclass of text": Text("text"),
        "text of a number": "3",
        "empty text": "",
        "text with a null": "a\0b",
        "a lone surrogate": "\ud800",
        "long text": "x" * 300,
        "bytes": b"3",
        "a path of bytes": BytesPath(),
        "a path": Path("text"),
        "a path that is a folder": folder,
        "a float": 1.5,
        "a whole float": 4.0,
        "NaN": float("nan"),
        "infinity": float("inf"),
        "NumPy's NaN": np.float32("nan"),
        "minus one": -1,
        "zero": 0,
        "a huge integer": 10**400,
        "more digits than are printed": 10**5000,
        "true": True,
        "NumPy's true": np.True_,
        "complex": 3j,
        "no dimensions": np.array(2),
        "no dimensions, float": np.array(2.5),
        "an array of one": np.array([2]),
        "int64": np.arange(12).reshape(-1, 2),
        "samples": np.arange(12, dtype=np.int16).reshape(-1, 2),
        "other samples": np.arange(12, dtype=">u4"),
        "three axes": np.zeros((2, 2, 2), np.int16),
        "floats": np.ones((6, 2)),
        "objects": np.array([object(), None]),
        "times": np.array(["2020"], "M8[s]"),
        "records": np.zeros(3, [("a", "i2")]),
        "masked": masked,
        "a data frame": Table(),
        "a date type": np.dtype("M8[s]"),
        "a record type": np.dtype([("a", "i2")]),
        "an object type": np.dtype(object),
        "a type": np.dtype("int16"),
        "an empty list": [],
        "a list": [1, 2],
        "a list beyond any type": [2**70],
        "a ragged list": [[1], [1, 2]],
        "a list of texts": ["a", "b"],
        "a list of anything": [None, object()],
        "a set": {1, 2},
        "a mapping": {"a": 1},
        "a mapping of anything": {object(): object()},
        "a generator": (number for number in range(3)),
        "a slice": slice(None),
        "a function": lambda *_: None,
        "a closed file": closed,
        "a text file": (folder / "file").open("r+"),
        "a file to read": (folder / "file").open("rb"),
        "a file to write": (folder / "file").open("r+b"),
    }
    try:
        yield values
    finally:
        for name in ("a text file", "a file to read", "a file to write"):
            values[name].close()


_WHOLE = {"minus one", "zero", "a huge integer", "more digits than are printed", "no dimensions"}
_NUMBER = {*_WHOLE, "a float", "a whole float", "no dimensions, float"}
_TEXT = {
    "text",
    "a subclass of text",
    "text of a number",
    "empty text",
    "text with a null",
    "a lone surrogate",
    "long text",
}
_PATH = {*_TEXT - {"empty text"}, "a path", "a path that is a folder"}
_FILE = {*_PATH, "a file to write"}
_LISTS = {"an empty list", "a list", "a list of texts", "an array of one", "other samples"}
_MAPS = {"a mapping"}
_ARRAYS = {"samples", "other samples", "a data frame", "int64", "floats", "an array of one", "a list", "an empty list"}
_INTEGERS = {
    *_ARRAYS - {"floats", "an empty list"},
    "int64",
    "three axes",
    "no dimensions",
    "an array of one",
    "a list",
    "zero",
    "minus one",
    "true",
    "NumPy's true",
}
_BUFFERS = {
    *_ARRAYS - {"a data frame", "a list", "an empty list"},
    "bytes",
    "int64",
    "three axes",
    "floats",
    "records",
    "no dimensions",
    "an array of one",
}
_BUFFERS |= {"no dimensions, float", "NumPy's NaN", "NumPy's true"}

MAY_BE: Mapping[str, set[str]] = {
    "int": _WHOLE,
    "float": _NUMBER,
    "str": _TEXT,
    "bool": {"true", "NumPy's true"},
    "path": _PATH,
    "file": _FILE,
    "bytes": _BUFFERS | {"masked"},
    "samples": _ARRAYS,
    "integers": _INTEGERS,
    "list": _LISTS,
    "mapping": _MAPS,
    "function": {"a function", "a class"},
    "dtype": {"a type", "a list"},
    "columns": {*_WHOLE, "a list", "an empty list", "a slice", "an array of one"},
    "object": set(),
}
"""For each kind of argument the values that some argument of that kind takes; all others are refused by every one of them."""

KINDS: Mapping[str, str] = {
    "int": "int",
    "float": "float",
    "str": "str",
    "bool": "bool",
    "Path": "path",
    "str | os.PathLike[str]": "path",
    "str | os.PathLike[str] | formats.RecordingReader": "path",
    "str | os.PathLike[str] | Writable": "file",
    "str | os.PathLike[str] | BinaryIO": "file",
    "str | Pipeline": "str",
    "str | pipeline.Pipeline": "str",
    "bytes": "bytes",
    "bytes | bytearray | memoryview": "bytes",
    "Samples": "samples",
    "ArrayLike": "samples",
    "npt.ArrayLike": "integers",
    "NDArray[np.integer]": "samples",
    "Ints": "integers",
    "Floats": "integers",
    "Iterable[Samples]": "list",
    "int | slice | Sequence[int] | ArrayLike": "columns",
    "Progress": "function",
    "DTypeLike": "dtype",
    "np.dtype[Any]": "dtype",
}


def may_be(annotation: str) -> set[str]:
    """Return which values an argument of an annotation may take."""
    plain, optional = re.subn(r" \| None$", "", annotation)
    if plain.startswith("Callable["):
        kind = "function"
    elif plain.startswith("Mapping["):
        kind = "mapping"
    elif re.match(r"(Sequence|tuple)\[", plain):
        kind = "list"
    else:
        kind = KINDS.get(plain, "object")
        assert kind != "object" or re.fullmatch(r"(_core\.)?[A-Z]\w+|datetime", plain), f"give {plain} a kind"
    return MAY_BE[kind] | ({"None"} if optional else set())

"""What arguments may be: the one place where a caller's value becomes ours, or an error that names it.

Each function takes the argument's name and its value, and returns the value as the plain type that the rest of the package
works with. What is wrong is refused with the name and the value, before any work is done and before a file is made.

* Integers are what Python can index with (``int``, NumPy's integers, arrays of no dimensions): no ``bool``, no ``float``.
* Numbers are integers and what has a value as a ``float`` (NumPy's too, ``Fraction``, ``Decimal``): finite, no ``bool``, no
  text.
* Text is ``str``, without what a subclass adds; flags are ``bool``, NumPy's too; paths are ``str`` and ``os.PathLike`` of
  ``str``.
"""

from __future__ import annotations

import io
import math
import operator
import os
import reprlib
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set, Sized
from pathlib import Path
from typing import Any, Concatenate, Final, NoReturn, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from n1codec.errors import N1Error, ParameterError, UnsupportedError

T = TypeVar("T")
P = ParamSpec("P")

LONGEST_SHOWN: Final = 80
"""Most characters of a value in a message."""
DTYPES: Final = (
    *("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    *("float16", "float32", "float64", "bool"),
)
"""Types of samples."""
_WIDTHS: Final = {"i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8), "b": (1,)}
"""Bytes of a sample, by the letter that NumPy has for a kind of type."""
MAX_THREADS: Final = 1024
"""Most threads that may be asked for."""


def show(value: object) -> str:
    """Return a value on one short line, whatever it is."""
    try:
        text = " ".join(reprlib.repr(value).split())
    except Exception:  # an integer of more digits than Python prints, or a class that cannot show itself
        text = f"<{type(value).__name__}>"
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def refuse(name: str, wanted: str, value: object) -> NoReturn:
    """Raise the :class:`ParameterError` that names an argument, what it must be, and what it is."""
    raise ParameterError(f"{name} must be {wanted}, not {show(value)}") from None


def integer(name: str, value: object, low: int | None = None, high: int | None = None) -> int:
    """Return an integer of ``low..high``, both included, as an ``int``."""
    if type(value) is int:  # as a rule, and many times in each call: nothing to ask
        number = value
    elif isinstance(value, bool | np.bool_) or _is_array(value, "iu"):
        refuse(name, _span("an integer", low, high), value)
    else:
        try:
            number = int(operator.index(value))  # type: ignore[arg-type]  # what has no index is refused
        except Exception:
            refuse(name, _span("an integer", low, high), value)
    if (low is not None and number < low) or (high is not None and number > high):
        refuse(name, _span("an integer", low, high), value)
    return number


def number(
    name: str, value: object, low: float | None = None, high: float | None = None, *, above: float | None = None
) -> float:
    """Return a finite number of ``low..high``, both included, and larger than `above`, as a ``float``."""
    wanted = _span("a finite number" if above is None else f"a finite number above {above:g}", low, high)
    if isinstance(value, str | bytes | bytearray | bool | np.bool_) or _is_array(value, "iuf"):
        refuse(name, wanted, value)
    try:
        converted = float(value)  # type: ignore[arg-type]  # what is no number is refused below
    except Exception:
        refuse(name, wanted, value)
    beyond = (low is not None and converted < low) or (high is not None and converted > high)
    if not math.isfinite(converted) or beyond or (above is not None and not converted > above):
        refuse(name, wanted, value)
    return converted


def real(name: str, value: object) -> float:
    """Return a number as a ``float``, NaN and infinities included."""
    if isinstance(value, float | np.floating) and not math.isfinite(value):
        return float(value)
    return number(name, value)


def rate(value: object, name: str = "rate") -> float:
    """Return a sampling rate."""
    try:
        return number(name, value, above=0)
    except ParameterError:
        refuse(name, "a number of Hz above zero", value)


def threads(value: object) -> int:
    """Return a number of threads."""
    return integer("threads", value, 1, MAX_THREADS)


def text(name: str, value: object) -> str:
    """Return text as a ``str``."""
    if not isinstance(value, str):
        refuse(name, "text", value)
    return str.__str__(value)


def choice(name: str, value: object, choices: Iterable[str]) -> str:
    """Return text that is one of some words."""
    known = tuple(choices)
    if not isinstance(value, str) or str.__str__(value) not in known:
        refuse(name, f"one of {', '.join(known)}", value)
    return str.__str__(value)


def flag(name: str, value: object) -> bool:
    """Return a ``bool``: numbers and text, which all have a truth of some kind, are refused."""
    if not isinstance(value, bool | np.bool_):
        refuse(name, "True or False", value)
    return bool(value)


def path(name: str, value: object) -> Path:
    """Return the name of a file or folder as a ``Path``. Whether such a name can exist is for the operating system to say."""
    try:
        found = os.fspath(value)  # type: ignore[call-overload]  # what is no path is refused below
    except Exception:
        refuse(name, "a path", value)
    if not isinstance(found, str) or not found:
        refuse(name, "a path (text or pathlib.Path)", value)
    return Path(str.__str__(found))


def output(name: str, value: object) -> Any:
    """Return where to write: a ``Path``, or a file object that is open for writing bytes."""
    return path(name, value) if isinstance(value, str | bytes | os.PathLike) else writable(name, value)


def writable(name: str, value: T) -> T:
    """Return a file object that is open for writing bytes."""
    try:
        wanted = _not_writable(value)
    except Exception:
        wanted = "a path or a binary file object"
    if wanted:
        refuse(name, wanted, value)
    return value


def _not_writable(value: Any) -> str:
    """Return what a file object would have to be, or nothing if it can be written to."""
    if not callable(getattr(value, "write", None)):
        return "a path or a binary file object"
    if isinstance(value, io.TextIOBase) or isinstance(
        getattr(value, "file", None), io.TextIOBase
    ):  # tempfile has a `file`
        return "a file object in binary mode (open it with 'wb')"
    if getattr(value, "closed", False) is True:
        return "an open file object"
    # A class with a `write` of its own may have left `writable` as io defines it, which says no.
    left = getattr(type(value), "writable", None) is io.IOBase.writable
    able = (left and type(value).write is not io.BufferedIOBase.write) or getattr(value, "writable", lambda: True)()
    return "a file object open for writing" if able is False else ""


def data(name: str, value: object) -> bytes:
    """Return what bytes, or anything with a buffer of plain values, holds."""
    if isinstance(value, bytes):
        return bytes(value)
    try:
        view = memoryview(value)  # type: ignore[arg-type]  # what has no buffer is refused below
    except Exception:
        refuse(name, "bytes", value)
    if "O" in view.format:  # addresses of Python objects
        refuse(name, "bytes", value)
    return view.tobytes()


def callback(name: str, value: T) -> T:
    """Return what can be called, or None."""
    if value is not None and not callable(value):
        refuse(name, "a function or None", value)
    return value


def instance(name: str, value: T, kind: type[Any]) -> T:
    """Return what is of a type."""
    if not isinstance(value, kind):
        refuse(name, f"a {kind.__name__}", value)
    return value


def sequence(
    name: str, value: object, item: Callable[Concatenate[str, Any, P], T], *args: P.args, **kwargs: P.kwargs
) -> tuple[T, ...]:
    """Return the items of a list, a tuple or an array, each checked by `item`: text and generators are no lists."""
    plain = type(value) in (tuple, list)  # as a rule
    if not plain and (isinstance(value, str | bytes | bytearray | Mapping | Set) or not isinstance(value, Sized)):
        refuse(name, "a list", value)
    return tuple(item(f"{name}[{at}]", each, *args, **kwargs) for at, each in enumerate(_items(name, value)))


def _items(name: str, value: Any) -> list[Any]:
    try:
        return list(value)
    except Exception:
        refuse(name, "a list", value)


def iterator(name: str, value: Any) -> Iterator[Any]:
    """Return what gives out the items of anything that can be gone through once, but for the lines of a file."""
    if isinstance(value, io.IOBase):
        refuse(name, "something to go through, such as a list", value)
    try:
        return iter(value)
    except Exception:
        refuse(name, "something to go through, such as a list", value)


def mapping(name: str, value: object) -> dict[Any, Any]:
    """Return what a mapping holds."""
    if not isinstance(value, Mapping):
        refuse(name, "a mapping", value)
    return dict(value)


def optional(
    check: Callable[Concatenate[str, Any, P], T], name: str, value: object, *args: P.args, **kwargs: P.kwargs
) -> T | None:
    """Return None as it is, and anything else as another of these functions does."""
    return None if value is None else check(name, value, *args, **kwargs)


def dtype(name: str, value: object, error: type[N1Error] = UnsupportedError) -> np.dtype[Any]:
    """Return a type of samples: one of `DTYPES`, in either byte order."""
    try:
        found: np.dtype[Any] | None = np.dtype(value)  # type: ignore[call-overload]  # what is none is refused below
    except Exception:
        found = None
    # What is of a type is no type, though NumPy takes it for one.
    if value is None or isinstance(value, np.generic | np.ndarray) or found is None or not is_sample_type(found):
        raise error(f"{name} must be one of {', '.join(DTYPES)}, not {show(value)}")
    return found


def array(name: str, value: object) -> NDArray[Any]:
    """Return what is given as an array without a mask.

    Raises
    ------
    UnsupportedError
        If it is none, or values are masked: what a mask hides would be coded as if it were there.
    """
    try:
        masked = _may_be_masked() and np.ma.is_masked(value)
        found = np.asarray(value)
    except MemoryError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnsupportedError(f"{name} must be an array: {reason:.200}") from None
    if masked:
        raise UnsupportedError(f"{name} must not be masked: fill what the mask hides first")
    return found


def samples(name: str, value: object) -> NDArray[Any]:
    """Return samples as an array of one of `DTYPES`, of shape ``(n_samples,)`` or ``(n_samples, n_channels)``.

    Raises
    ------
    UnsupportedError
        If they are anything else.
    """
    found = array(name, value)
    if not is_sample_type(found.dtype):
        raise UnsupportedError(f"{name} must be integers, floats of 2, 4 or 8 bytes or truth values, not {found.dtype}")
    if found.ndim not in (1, 2):
        raise UnsupportedError(f"{name} must have shape (n_samples,) or (n_samples, n_channels), not {found.shape}")
    return found


def plain_samples(name: str, value: object) -> NDArray[np.integer[Any]]:
    """Return samples as `samples` does, which must be integers of 1, 2 or 4 bytes."""
    found = samples(name, value)
    if not is_plain(found.dtype):
        raise UnsupportedError(f"{name} must be integers of 1, 2 or 4 bytes, not {found.dtype}")
    return found


def is_sample_type(dtype: np.dtype[Any]) -> bool:
    """Return whether samples may be of a type."""
    return dtype.itemsize in _WIDTHS.get(dtype.kind, ())


def is_plain(dtype: np.dtype[Any]) -> bool:
    """Return whether a type is one of integers of 1, 2 or 4 bytes: what every codec takes."""
    return dtype.kind in "iu" and dtype.itemsize <= 4


def _is_array(value: object, kinds: Collection[str]) -> bool:
    """Return whether a value of NumPy's is anything but a single number of some kinds."""
    if _may_be_masked() and isinstance(value, np.ma.MaskedArray):
        return True
    if isinstance(value, np.ndarray):
        return value.ndim != 0 or value.dtype.kind not in kinds
    return isinstance(value, np.generic) and value.dtype.kind not in kinds


def _may_be_masked() -> bool:
    """Return whether there can be a masked array: NumPy imports what makes them, which takes long, when it is asked for."""
    return "numpy.ma" in sys.modules


def _span(what: str, low: float | None, high: float | None) -> str:
    """Return in words what an argument must be."""
    if low is not None and high is not None:
        return f"{what} from {low} to {high}"
    if low is not None:
        return f"{what} of at least {low}"
    return what if high is None else f"{what} of at most {high}"

"""What SpikeInterface knows of a recording beside its samples, as JSON that a header keeps: ids, properties and the like."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n1codec.errors import CorruptError, ParameterError


def pack_values(name: str, values: NDArray[Any]) -> dict[str, Any]:
    """Return the values of a property, or the ids of channels, as JSON.

    Numbers, truth values and text are lists; what JSON cannot say (NaN, structures, dates, bytes) is base64.

    Raises
    ------
    ParameterError
        If they are objects other than text, numbers, lists and dictionaries of these.
    """
    values = np.asarray(values)
    if values.dtype.kind == "O":
        return {"dtype": "O", "values": [_plain(name, value) for value in values.tolist()]}
    if values.dtype.kind in "iubU" or (
        values.dtype.kind == "f" and values.dtype.itemsize <= 8 and np.isfinite(values).all()
    ):
        return {"dtype": values.dtype.str, "shape": list(values.shape), "values": values.reshape(-1).tolist()}
    descr = values.dtype.descr if values.dtype.names else values.dtype.str
    text = base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
    return {"dtype": _listed(descr), "shape": list(values.shape), "base64": text}


def unpack_values(described: Mapping[str, Any]) -> NDArray[Any]:
    """Return what `pack_values` was given.

    Raises
    ------
    CorruptError
        If it is nothing of the kind.
    """
    try:
        dtype = np.dtype(_tupled(described["dtype"]))
        if dtype.kind == "O":
            objects = np.empty(len(described["values"]), object)
            objects[:] = described["values"]
            return objects
        if "base64" in described:
            if dtype.hasobject:
                raise ValueError("objects in bytes")
            flat = np.frombuffer(base64.b64decode(described["base64"], validate=True), dtype).copy()
        else:
            flat = np.array(described["values"], dtype)
        return flat.reshape(described["shape"])
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise CorruptError(f"no values of channels: {error}") from None


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return [_plain(name, item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(name, item) for key, item in value.items()}
    raise ParameterError(f"{name} holds objects that a file cannot keep, of type {type(value).__name__}")


def _listed(descr: Any) -> Any:
    return [_listed(item) for item in descr] if isinstance(descr, list | tuple) else descr


def _tupled(descr: Any) -> Any:
    """Return the description of a dtype with the tuples that JSON has made lists."""
    if not isinstance(descr, list):
        return descr
    return [(name, _tupled(kind), *(tuple(shape) for shape in rest)) for name, kind, *rest in descr]

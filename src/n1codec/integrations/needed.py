"""Libraries that a front stands on: there in a version that it works with, or one clear error."""

from __future__ import annotations

import importlib
import re
from types import ModuleType

from n1codec.errors import MissingDependencyError


def needed(
    front: str, package: str, extra: str, low: tuple[int, ...], below: tuple[int, ...] | None = None
) -> ModuleType:
    """Return a library.

    Parameters
    ----------
    front : str
        The module that needs it, such as ``"n1codec.zarr"``.
    package : str
        Its name.
    extra : str
        The extra of n1codec that brings it.
    low, below : tuple of int
        The lowest version that will do, and the lowest that will not any more.

    Raises
    ------
    MissingDependencyError
        If it is not installed, fails to import, or is of another version.
    """
    span = f"{_spelt(low)} or newer" + (f", below {_spelt(below)}" if below else "")
    advice = f"pip install 'n1codec[{extra}]'"
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != package:
            raise MissingDependencyError(f"{front}: {package} cannot be imported: {error}") from error
        raise MissingDependencyError(f"{front} needs {package} {span}: {advice}") from None
    except Exception as error:  # releases of libraries that do not fit each other fail in many ways
        raise MissingDependencyError(
            f"{front}: {package} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    version = str(getattr(module, "__version__", ""))
    there = tuple(int(part) for part in re.findall(r"\d+", version)[: len(low)])
    if there < low or (below is not None and there >= below):
        raise MissingDependencyError(
            f"{front} needs {package} {span}, and {version or 'an unknown version'} is installed: {advice}"
        )
    return module


def _spelt(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))

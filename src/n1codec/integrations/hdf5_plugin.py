"""The HDF5 filter as a file: where its shared library lies. Nothing here needs HDF5 or h5py."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from n1codec import _core
from n1codec.errors import MissingDependencyError

FILTER_ID: Final = 0x8000 | ord("N") << 8 | ord("1")
"""52785: the number by which a file names the filter, of those for private use until one is registered."""

_FOLDER: Final = Path(_core.__file__).parent / "plugins" / "hdf5"


def path() -> str:
    """Return the folder of the plugin, for ``HDF5_PLUGIN_PATH``.

    Raises
    ------
    MissingDependencyError
        If this build of n1codec has no plugin.
    """
    if not any(_FOLDER.glob("libn1hdf5.*")):
        raise MissingDependencyError(f"this build of n1codec has no HDF5 plugin: there is no {_FOLDER}/libn1hdf5.so")
    return str(_FOLDER)

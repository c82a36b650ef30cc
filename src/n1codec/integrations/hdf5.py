"""n1 as a filter of HDF5, through h5py.

The filter is a plugin of HDF5's, a shared library in the package: whatever program uses HDF5 finds it through
``HDF5_PLUGIN_PATH``. Here h5py is pointed at it, and what h5py's users write is at hand: a filter and a shape of chunks.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any, Final

from numpy.typing import ArrayLike, DTypeLike

from n1codec import _core, arguments
from n1codec.errors import CodecError, ParameterError, UnsupportedError
from n1codec.integrations import hdf5_plugin
from n1codec.integrations.hdf5_plugin import FILTER_ID, path
from n1codec.integrations.layout import READING_LEVEL, chunk_of
from n1codec.integrations.needed import needed

needed("n1codec.hdf5", "h5py", "hdf5", (3, 10))

import h5py  # noqa: E402

__all__ = ["FILTER_ID", "N1", "chunk_shape", "create_dataset", "path", "register"]

_VARIABLE: Final = "HDF5_PLUGIN_PATH"


def register() -> None:
    """Point h5py at the filter; done when `n1codec.hdf5` is imported.

    Processes that this one starts find it, too: the folder is put in front of ``HDF5_PLUGIN_PATH`` in the environment.

    Raises
    ------
    MissingDependencyError
        If this build of n1codec has no plugin.
    CodecError
        If HDF5 cannot load it.
    """
    folder = hdf5_plugin.path()
    known = [h5py.h5pl.get(at) for at in range(h5py.h5pl.size())]
    if os.fsencode(folder) not in known:
        h5py.h5pl.prepend(os.fsencode(folder))
    if not h5py.h5z.filter_avail(FILTER_ID):
        raise CodecError(
            f"HDF5 {h5py.version.hdf5_version} does not load the plugin in {folder}; loading of plugins may be switched "
            "off (HDF5_PLUGIN_PRELOAD)"
        )
    folders = os.environ.get(_VARIABLE, os.pathsep.join(map(os.fsdecode, known))).split(os.pathsep)
    if folder not in folders:
        os.environ[_VARIABLE] = os.pathsep.join([folder, *filter(None, folders)])


class N1(h5py.filters.FilterRefBase):  # type: ignore[misc]
    """The filter with its level, as h5py takes it: ``create_dataset(..., **N1(level=5))``, or ``compression=N1()``.

    Parameters
    ----------
    level : int
        1 (fast) to 9 (small), as of the codec `n1`.

    Raises
    ------
    ParameterError
        If it is none.
    """

    filter_id = FILTER_ID

    def __init__(self, level: int = 5) -> None:
        self.filter_options = (arguments.integer("level", level, 1, _core.N1_MAX_LEVEL),)

    def __repr__(self) -> str:
        return f"N1(level={self.filter_options[0]})"


def chunk_shape(
    shape: Sequence[int], dtype: DTypeLike, *, level: int = READING_LEVEL, growing: bool = False
) -> tuple[int, ...]:
    """Return the shape of chunks that suits a level, as in zarr (`n1codec.zarr.layout`).

    Up to level 3, short reads of some channels are quick: at most 24 channels, all bundles alike, and 180,000 samples. Two
    chunks fit into the cache that HDF5 gives a data set, 1 MiB before 2.0. From level 4 on, with 64 channels or more, the file
    is small: 136 channels and 2,000,000 samples.

    Parameters
    ----------
    shape : sequence of int
        Of the data set: time first, channels last.
    dtype : dtype-like
        Of its samples.
    level : int
        The level that n1 will code them with.
    growing : bool
        The data set is to grow along time: a chunk may be longer than it is now.

    Returns
    -------
    tuple of int
        One length for each axis.

    Raises
    ------
    ParameterError
        If there is no such shape, dtype or level.
    """
    sides = arguments.sequence("shape", shape, arguments.integer, 0)
    level = arguments.integer("level", level, 1, _core.N1_MAX_LEVEL)
    growing = arguments.flag("growing", growing)
    arguments.dtype("dtype", dtype)
    if not sides:
        raise ParameterError("shape must have an axis: what has none is not stored in chunks")
    rest = [max(1, side) for side in sides[1:]]
    frames, channels = chunk_of(rest[-1] if rest else 1, level, math.prod(rest[:-1]))
    rest[-1:] = [channels] if rest else []
    return (frames if growing else min(frames, max(1, sides[0])), *rest)


def create_dataset(
    parent: Any,
    name: str,
    data: ArrayLike | None = None,
    *,
    shape: Sequence[int] | None = None,
    dtype: DTypeLike | None = None,
    level: int = READING_LEVEL,
    chunks: Sequence[int] | None = None,
    **options: Any,
) -> Any:
    """Make a data set that n1 codes, in chunks that suit the level: 3 for quick reads of a few channels, 5 for a small file.

    Parameters
    ----------
    parent : h5py.File or h5py.Group
        Where it is made.
    name : str
        Its name.
    data : array_like, optional
        Its samples, integers of 1, 2 or 4 bytes, time first.
    shape, dtype : optional
        Of an empty data set, if there is no data.
    level : int
        1 (fast) to 9 (small); 3 reads twice as fast as 5.
    chunks : sequence of int, optional
        The shape of chunks, by default what `chunk_shape` gives for the level.
    **options
        Of h5py's ``create_dataset``: ``maxshape`` lets it grow.

    Returns
    -------
    h5py.Dataset

    Raises
    ------
    UnsupportedError
        If the samples are not such integers.
    ParameterError
        If an argument is none, or an option does not go with n1: another compression, or a filter before it.
    """
    for option in ("compression", "compression_opts", "shuffle", "scaleoffset"):
        if options.get(option) not in (None, False):
            raise ParameterError(f"{option} does not go with n1, which codes the samples as they are: leave it out")
    sides = arguments.optional(arguments.sequence, "shape", shape, arguments.integer, 0)
    kind = arguments.optional(arguments.dtype, "dtype", dtype)
    if data is not None:
        data = arguments.array("data", data)
        sides, kind = sides or data.shape, kind or data.dtype
    elif sides is None or kind is None:
        raise ParameterError("give data, or the shape and the dtype of an empty data set")
    if not arguments.is_plain(kind):
        raise UnsupportedError(f"n1 codes integers of 1, 2 or 4 bytes in HDF5, not {kind}: use gzip and shuffle for it")
    growing = options.get("maxshape") is not None
    return parent.create_dataset(
        name, data=data, shape=sides, dtype=kind, **options, **N1(level),
        chunks=chunk_shape(sides, kind, level=level, growing=growing) if chunks is None else tuple(chunks),
    )  # fmt: skip

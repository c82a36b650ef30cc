"""n1codec in zarr 3: a codec from arrays to bytes (a *serializer*), and arrays laid out for recordings.

>>> from n1codec import zarr as n1zarr                                                                 # doctest: +SKIP
>>> array = n1zarr.create("session.zarr", shape=(900_000, 384), dtype="int16")                         # doctest: +SKIP
>>> array[:] = samples                                                                                 # doctest: +SKIP

The codec is found by its name, ``n1codec``, wherever this package is installed. ``docs/zarr.md`` has recipes. With zarr 2, `N1`
of `n1codec.numcodecs` is a compressor.
"""

from __future__ import annotations

from n1codec.integrations.layout import Layout, layout
from n1codec.integrations.needed import needed

needed("n1codec.zarr", "zarr", "zarr", (3, 1))

from n1codec.integrations.zarr3 import N1, check, create  # noqa: E402

__all__ = ["N1", "Layout", "check", "create", "layout"]

"""n1 as a filter of HDF5: importing this module points h5py, and what is built on it, at the plugin.

>>> import h5py, n1codec.hdf5  # doctest: +SKIP
>>> with h5py.File("session.h5", "w") as file:  # doctest: +SKIP
...     n1codec.hdf5.create_dataset(file, "traces", samples)
"""

from n1codec.integrations.hdf5 import FILTER_ID, N1, chunk_shape, create_dataset, path, register

__all__ = ["FILTER_ID", "N1", "chunk_shape", "create_dataset", "path", "register"]

register()

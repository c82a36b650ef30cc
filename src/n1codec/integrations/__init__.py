"""The libraries that a laboratory uses already: one file for each, which imports it only when it is used.

Their fronts are modules of the package's: `n1codec.numcodecs`, `n1codec.zarr`, `n1codec.spikeinterface`, `n1codec.hdf5`.
"""

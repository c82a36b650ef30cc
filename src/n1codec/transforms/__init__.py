"""Transforms: samples to samples, exactly reversible. One file each; the registry lists them."""

"""Coders: samples to bytes, exactly reversible. One file a group; the registry lists them."""

"""n1codec in SpikeInterface: ``.n1c`` files as recordings, and recordings as ``.n1c`` files.

>>> from n1codec.spikeinterface import read_n1c, write_n1c       # doctest: +SKIP
>>> write_n1c(recording, "session.n1c", threads=2)               # doctest: +SKIP
>>> recording = read_n1c("session.n1c")                          # doctest: +SKIP

``docs/spikeinterface.md`` shows more, zarr folders among it: ``recording.save(format="zarr", compressor=N1())``.
"""

from __future__ import annotations

from n1codec.integrations.needed import needed

needed("n1codec.spikeinterface", "spikeinterface", "spikeinterface", (0, 105))

from n1codec.integrations.spikeinterface import N1cRecording, read_n1c, write_n1c  # noqa: E402

__all__ = ["N1cRecording", "read_n1c", "write_n1c"]

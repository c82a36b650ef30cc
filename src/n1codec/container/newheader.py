"""The header of a file that is about to be written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import DTypeLike

from n1codec import arguments, envelope, pipeline
from n1codec.container import defaults
from n1codec.container.header import Header, settled


def new_header(
    *,
    dtype: DTypeLike,
    rate: float,
    codec: str | pipeline.Pipeline,
    channels: int | None = None,
    bundle_channels: int | None = None,
    metadata: Mapping[str, Any] | None = None,
    sidecars: Mapping[str, bytes] | None = None,
    file_id: int = 0,
    **rest: Any,
) -> tuple[Header, bytes]:
    """Return the header of a file to be written, as every reader will see it, and its bytes; arguments as of `Writer`."""
    dtype = arguments.dtype("dtype", dtype)
    channels = arguments.optional(arguments.integer, "channels", channels, 1, envelope.MAX_CHANNELS)
    header = Header(
        dtype=dtype,
        channels=channels,
        bundle_channels=defaults.bundle_channels(channels or 1) if bundle_channels is None else bundle_channels,
        rate=rate,
        spec=pipeline.named(codec).suited(dtype).wire_spec,
        metadata={} if metadata is None else metadata,
        sidecars={} if sidecars is None else sidecars,
        file_id=file_id,
        **rest,
    )
    return settled(header)

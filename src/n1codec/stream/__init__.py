"""Streams: packets of a few frames, coded as they come and decoded as they arrive.

>>> import numpy as np
>>> from n1codec.stream import Decoder, Encoder
>>> encoder, decoder = Encoder(32, 20_000), Decoder(32, 20_000)
>>> samples = np.random.default_rng(1).normal(0, 100, (500, 32)).astype(np.int16)
>>> packets = encoder.encode(samples) + encoder.flush()
>>> received = np.concatenate([decoder.decode(packet).frames for packet in packets])
>>> bool((received == samples).all())
True

A packet holds the frames of a quarter of a millisecond, say; its state is carried on from packet to packet. What is lost on
the way is named, and what follows from it is, too: no wrong sample is ever given. ``docs/stream.md`` says how to choose.
"""

from __future__ import annotations

from n1codec.stream.converter import NLINK, Converter, recognise
from n1codec.stream.decoder import Decoded, Decoder
from n1codec.stream.encoder import Encoder

__all__ = ["NLINK", "Converter", "Decoded", "Decoder", "Encoder", "recognise"]

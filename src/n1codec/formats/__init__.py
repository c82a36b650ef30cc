"""Recording files: samples out of them, and the files back byte for byte.

>>> from n1codec import formats
>>> recording = formats.read("recording.wav")  # doctest: +SKIP
>>> formats.rebuild(recording.restore, recording.samples) == open("recording.wav", "rb").read()  # doctest: +SKIP
True

Headers are never trusted: a size in one is compared with the size of the file before it is used, and a file that
contradicts itself is refused with a :class:`~n1codec.errors.FormatError`.
"""

from n1codec.formats.dispatch import RAW_SUFFIXES, WAV_SUFFIXES, describes_itself, find, open_recording, read
from n1codec.formats.placement import RecordingReader
from n1codec.formats.recording import Recording
from n1codec.formats.restore import format_of, rebuild, rebuild_pieces

__all__ = [
    "RAW_SUFFIXES",
    "WAV_SUFFIXES",
    "Recording",
    "RecordingReader",
    "describes_itself",
    "find",
    "format_of",
    "open_recording",
    "read",
    "rebuild",
    "rebuild_pieces",
]

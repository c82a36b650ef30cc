"""A second decoder of all that n1codec writes: plain, small and slow, from the pages of docs/format alone.

It shares nothing with the package but the constant tables, and needs nothing but Python's standard library, so that the two
check each other and the pages. `decode_envelope` decodes an envelope, `file.RecordingFile` a ``.n1c`` file.
"""

from __future__ import annotations

from n1reference.envelope import decode_envelope
from n1reference.errors import CorruptError, DecodeError, TruncatedError, UnsupportedError

__all__ = ["CorruptError", "DecodeError", "TruncatedError", "UnsupportedError", "decode_envelope"]

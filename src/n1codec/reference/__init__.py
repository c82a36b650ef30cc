"""A second decoder of the n1 payload, section by section as docs/format/n1.md has it: plain, small and slow.

It shares nothing with the core but the constant tables, so that the two check each other and the specification.
"""

from __future__ import annotations

from n1codec.reference.payload import decode_payload

__all__ = ["decode_payload"]

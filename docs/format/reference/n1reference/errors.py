"""What this decoder raises, and nothing else."""

from __future__ import annotations


class DecodeError(Exception):
    """Data that cannot be decoded.

    Parameters
    ----------
    reason : str
        What is wrong.
    at : int, optional
        The byte of the part at hand where it was noticed.
    """

    def __init__(self, reason: str, at: int | None = None) -> None:
        super().__init__(reason if at is None else f"{reason} (at byte {at})")


class CorruptError(DecodeError):
    """Data that breaks a rule of the format."""


class TruncatedError(CorruptError):
    """Data that ends before it should."""


class UnsupportedError(DecodeError):
    """What is right, but not for this decoder: a stage of another library, or what needs a newer one."""

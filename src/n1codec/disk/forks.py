"""What a process made by ``fork`` must not share with its parent.

Pools whose threads are not there, locks that nobody will release, files that are being written.
"""

from __future__ import annotations

import os
import weakref
from typing import Any, NoReturn, Protocol, Self

from n1codec.errors import FileError, UnsupportedError


class Forked(Protocol):
    """What takes note of a fork."""

    def after_fork(self) -> None:
        """Make anew what must not be shared: called in the child, before anything else runs there."""


_items: weakref.WeakSet[Any] = weakref.WeakSet()
_watched = False


def watch(item: Forked) -> None:
    """Call `item.after_fork` in processes forked from now on, for as long as the item is in use."""
    global _watched
    if not _watched and hasattr(os, "register_at_fork"):
        _watched = True
        os.register_at_fork(after_in_child=_tell)
    _items.add(item)


def _tell() -> None:
    for item in list(_items):
        item.after_fork()


class OneProcess:
    """What belongs to the process that made it: a file that is being written. It can be neither pickled nor copied."""

    _process: int

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """Take note of the process, whatever way the object is made in."""
        self = super().__new__(cls)
        self._process = os.getpid()
        return self

    @property
    def is_foreign(self) -> bool:
        """Whether this is another process, forked from the one that made it."""
        return os.getpid() != self._process

    def refuse_foreign(self, name: str) -> None:
        """Raise :class:`FileError` in a process that was forked from the one that made it."""
        if self.is_foreign:
            raise FileError(name, f"is being written by process {self._process}, and by no process forked from it")

    def __reduce_ex__(self, _: Any) -> NoReturn:
        raise UnsupportedError(
            f"a {type(self).__name__} can be neither pickled nor copied: it is writing a file. "
            "Send samples to the process that has it, or write one file in each process"
        )

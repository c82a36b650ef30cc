"""The little of ELF that is needed: what to load, where functions lie, how much flash an object takes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ALLOC, _NOBITS, _SYMTAB, _FUNC = 2, 8, 2, 2
_UNWINDING: Final = (".ARM.exidx", ".ARM.extab", ".ARM.attributes", ".eh_frame")


@dataclass(frozen=True)
class Function:
    """Where a function lies."""

    name: str
    begin: int
    end: int


class Elf:
    """A file of 32 bits, little-endian."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        if self.data[:6] != b"\x7fELF\x01\x01":
            raise RuntimeError(f"{path}: not a little-endian ELF file of 32 bits")
        (self._shoff,) = struct.unpack_from("<I", self.data, 32)
        self._shnum, self._shstrndx = struct.unpack_from("<HH", self.data, 48)

    def _section(self, n: int) -> tuple[int, ...]:
        return struct.unpack_from("<10I", self.data, self._shoff + 40 * n)

    def _text(self, at: int) -> str:
        return self.data[at : self.data.index(b"\0", at)].decode()

    def contents(self) -> list[tuple[int, bytes]]:
        """Return addresses and what is to lie there."""
        out = []
        for n in range(self._shnum):
            _, kind, flags, address, offset, size, *_ = self._section(n)
            if flags & _ALLOC and size:
                out.append((address, bytes(size) if kind == _NOBITS else self.data[offset : offset + size]))
        return out

    def functions(self) -> list[Function]:
        """Return the functions, also those that are seen in one file alone."""
        out = []
        for n in range(self._shnum):
            _, kind, _, _, offset, size, link, *_ = self._section(n)
            if kind != _SYMTAB:
                continue
            strings = self._section(link)[4]
            for at in range(offset, offset + size, 16):
                name, value, length, info = struct.unpack_from("<IIIB", self.data, at)
                if info & 15 == _FUNC:
                    begin = value & ~1
                    out.append(Function(self._text(strings + name), begin, begin + length))
        return out

    def flash(self) -> int:
        """Return the bytes of code and constants of an object."""
        names = self._section(self._shstrndx)[4]
        total = 0
        for n in range(self._shnum):
            name, kind, flags, _, _, size, *_ = self._section(n)
            if flags & _ALLOC and kind != _NOBITS and not self._text(names + name).startswith(_UNWINDING):
                total += size
        return total

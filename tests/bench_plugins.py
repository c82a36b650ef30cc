"""Coders that misbehave, as another package would bring them: installed into a folder for `PYTHONPATH`.

Each behaves on recordings whose first sample is not 13.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

TRIGGER = 13

MODULE = '''
import ctypes, os, pathlib, time, zlib
from dataclasses import dataclass
import numpy as np
from n1codec import ByteCoder

def triggered(data):
    return len(data) >= 2 and data[0] == 13 and data[1] == 0

@dataclass(frozen=True)
class Plain(ByteCoder):
    """Bytes as they are."""
    def compress(self, data, *, itemsize, threads):
        if triggered(data):
            self.misbehave(data)
        return bytes(data)
    def decompress(self, payload, size, *, threads):
        return payload
    def misbehave(self, data):
        pass

class Aborter(Plain):
    name = "aborter"
    def misbehave(self, data):
        os.write(2, b"assertion failed: deep inside\\n")
        os.abort()

class Leaver(Plain):
    name = "leaver"
    def misbehave(self, data):
        os._exit(3)

class Hanger(Plain):
    name = "hanger"
    def misbehave(self, data):
        if "HANGER_MARK" in os.environ:
            pathlib.Path(os.environ["HANGER_MARK"]).write_text(str(os.getpid()))
        time.sleep(600)

class Raiser(Plain):
    name = "raiser"
    def misbehave(self, data):
        raise ValueError("[red]no such\\nluck")

class Panic(BaseException):
    pass

class Panicker(Plain):
    name = "panicker"
    def misbehave(self, data):
        raise Panic("index out of bounds")

class Lossy(Plain):
    name = "lossy"
    def decompress(self, payload, size, *, threads):
        if triggered(payload):
            return payload[:-1] + bytes([payload[-1] ^ 1])
        return payload

class Scribbler(Plain):
    """Changes its input behind everybody's back, and so decodes to what it finds there."""
    name = "scribbler"
    def misbehave(self, data):
        address = np.frombuffer(data, np.uint8).ctypes.data
        ctypes.memset(address + len(data) - 1, 77, 1)

class Talker(Plain):
    name = "talker"
    def misbehave(self, data):
        print("hello", flush=True)
        os.write(1, b"{\\"answer\\": 1}\\n")

class Sleeper(Plain):
    name = "sleeper"
    def compress(self, data, *, itemsize, threads):
        time.sleep(0.02 / threads)
        return bytes(data)
    threaded = True

class Squeezer(ByteCoder):
    """DEFLATE."""
    name = "squeezer"
    def compress(self, data, *, itemsize, threads):
        return zlib.compress(data)
    def decompress(self, payload, size, *, threads):
        return zlib.decompress(payload)

class Hoarder(Plain):
    name = "hoarder"
    def decompress(self, payload, size, *, threads):
        hoard = np.ones(40_000_000, np.uint8)
        return payload if hoard[-1] else b""
'''

NAMES = (
    "aborter",
    "leaver",
    "hanger",
    "raiser",
    "panicker",
    "lossy",
    "scribbler",
    "talker",
    "sleeper",
    "hoarder",
)


def install(folder: Path) -> None:
    """Put the package and its entry points into a folder; `stillborn` cannot even be imported."""
    (folder / "troublemakers.py").write_text(textwrap.dedent(MODULE))
    (folder / "stillborn.py").write_text("raise RuntimeError('broken build')\n")
    info = folder / "troublemakers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: troublemakers\nVersion: 1.0\n")
    points = [f"{name} = troublemakers:{name.capitalize()}" for name in NAMES]
    points.append("squeezer = troublemakers:Squeezer")
    points.append("stillborn = stillborn:Stillborn")
    (info / "entry_points.txt").write_text("\n".join(["[n1codec.coders]", *points]) + "\n")

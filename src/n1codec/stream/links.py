"""Ways for packets: datagrams, connections, files and pipes, all with the same two functions."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from n1codec import arguments
from n1codec.disk import flush, is_pipe, os_errors, wait_writable, write_all
from n1codec.errors import LimitError, ParameterError
from n1codec.unbroken import UNBROKEN

MOST_DATAGRAM: Final = 65_507
"""Bytes that UDP carries over IPv4."""
MOST_FRAMED: Final = 1 << 20
"""Bytes of a packet in a file or a connection: twice the largest that there is."""
BUFFER: Final = 16 << 20
"""Bytes of a socket's buffer, as far as the system allows."""
PIPE_BUF: Final = getattr(select, "PIPE_BUF", 512)
"""Bytes that a pipe takes without waiting where it says that it takes some."""
_LENGTH: Final = struct.Struct("<I")
_SNDBUFFORCE, _RCVBUFFORCE = (32, 33) if sys.platform == "linux" else (0, 0)
"""Beyond the system's limit, for whom it may be (root)."""


class Link(Protocol):
    """Sends and receives packets and messages.

    Whatever interrupts it, what is on its way goes on where it was broken off, or is lost as a whole.
    """

    two_way: bool
    """Whether replies can come back, and packets can be lost: what a link asks for again."""
    closed: bool
    """Whether nothing more will come."""

    def put(self, data: bytes) -> None:
        """Take a packet or a message to be sent; wait for nothing."""

    def flush(self) -> None:
        """Send what was taken."""

    def receive(self, timeout: float) -> bytes | None:
        """Return what arrived, or None after so many seconds (0: do not wait)."""

    def close(self) -> None:
        """Close it."""


PACKETS: Final = ("udp", "tcp")
"""Networks that packets go over."""
RIGS: Final = ("lsl", "openephys")
"""Where frames come from and go to, as they are."""


@dataclass(frozen=True)
class Place:
    """Where to, or where from.

    Of packets: ``udp://host:port``, ``tcp://host:port``, a file's name, or ``-``. Of frames, as they come from a rig and go to
    one: ``lsl://name``, ``openephys://host:port``.
    """

    kind: str
    host: str = ""
    port: int = 0
    name: str = ""

    @classmethod
    def of(cls, name: str, value: object) -> Place:
        """Read what a caller gives as a place of packets."""
        text = arguments.text(name, value)
        if text and "://" not in text:
            return cls("file", name=text)
        return cls._named(name, text, PACKETS, "udp://HOST:PORT, tcp://HOST:PORT, a file's name or -")

    @classmethod
    def of_rig(cls, name: str, value: object) -> Place:
        """Read what a caller gives as a place of frames."""
        return cls._named(name, arguments.text(name, value), RIGS, "lsl://NAME or openephys://HOST:PORT")

    @classmethod
    def _named(cls, name: str, text: str, kinds: tuple[str, ...], wanted: str) -> Place:
        kind, _, rest = text.partition("://")
        if kind not in kinds or (kind == "lsl" and not rest):
            arguments.refuse(name, wanted, text)
        if kind == "lsl":
            return cls(kind, name=rest)
        host, colon, port = rest.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise ParameterError(
                f"{name} must be {kind}://HOST:PORT with a port of 1 to 65535, not {arguments.show(text)}"
            )
        return cls(kind, host.strip("[]"), int(port))

    def __str__(self) -> str:
        """Return it as it was given."""
        if self.kind == "file":
            return self.name
        return f"{self.kind}://{self.name}" if self.name else f"{self.kind}://{self.host}:{self.port}"


class Datagrams:
    """UDP: to one address, or from whoever sends."""

    two_way = True

    def __init__(self, place: Place, listen: bool) -> None:
        self.closed = False
        self._place = place
        kind = socket.SOCK_DGRAM
        with os_errors(str(place)):
            found = socket.getaddrinfo(
                place.host or None, place.port, type=kind, flags=socket.AI_PASSIVE if listen else 0
            )
            family, _, _, _, address = next((each for each in found if each[0] == socket.AF_INET), found[0])
            self._socket = socket.socket(family, kind)
            for forced, option in ((_RCVBUFFORCE, socket.SO_RCVBUF), (_SNDBUFFORCE, socket.SO_SNDBUF)):
                _enlarge(self._socket, forced, option)
            self._peer = None if listen else address
            if listen:
                self._socket.bind(address)
        self._socket.setblocking(False)

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return int(self._socket.getsockname()[1])

    def put(self, data: bytes) -> None:
        """Send a datagram; what the system cannot take at this moment is lost, as on any link."""
        if self._peer is None:
            return
        if len(data) > MOST_DATAGRAM:
            raise LimitError(
                f"a packet of {len(data):,} bytes is more than a datagram holds: take fewer frames to a packet"
            )
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            self._socket.sendto(data, self._peer)

    def flush(self) -> None:
        """Nothing waits."""

    def receive(self, timeout: float) -> bytes | None:
        """Return a datagram."""
        for wait in (False, True):
            if wait:
                if timeout <= 0:
                    return None
                select.select([self._socket], [], [], timeout)
            with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                data, self._peer = self._socket.recvfrom(65536)
                return data
        return None

    def close(self) -> None:
        """Close the socket."""
        self.closed = True
        self._socket.close()


class _Framed:
    """Packets behind their lengths, and what of them is on its way."""

    two_way = False

    def __init__(self) -> None:
        self.closed = False
        self._waiting, self._unsent = bytearray(), bytearray()

    def put(self, data: bytes) -> None:
        """Take a packet."""
        self._unsent += _LENGTH.pack(len(data)) + data


class Connection(_Framed):
    """TCP: packets behind their lengths. Nothing is lost on it."""

    def __init__(self, place: Place, listen: bool, patience: float = 60.0) -> None:
        super().__init__()
        with os_errors(str(place)):
            if listen:
                with socket.create_server((place.host, place.port), reuse_port=False) as server:
                    server.settimeout(patience)
                    self._socket, _ = server.accept()
            else:
                self._socket = _connect(place, patience)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self._place, self._patience = place, patience

    def flush(self) -> None:
        """Send all of it; an error if nothing of it is taken for a minute."""
        while self._unsent:
            with os_errors(str(self._place)):
                with UNBROKEN, contextlib.suppress(BlockingIOError):
                    del self._unsent[: self._socket.send(self._unsent)]
                    continue
                if not select.select([], [self._socket], [], self._patience)[1]:
                    raise TimeoutError("timed out")

    def receive(self, timeout: float) -> bytes | None:
        """Return a whole packet."""
        data = _framed(self._waiting)
        if data is None and not self.closed and select.select([self._socket], [], [], max(0, timeout))[0]:
            with os_errors(str(self._place)), UNBROKEN, contextlib.suppress(BlockingIOError):
                more = self._socket.recv(1 << 16)
                self.closed = not more
                self._waiting += more
            data = _framed(self._waiting)
        return data

    def close(self) -> None:
        """Close the connection."""
        self.closed = True
        self._socket.close()


class Bytes(_Framed):
    """A file or a pipe: packets behind their lengths."""

    def __init__(self, place: Place, listen: bool) -> None:
        super().__init__()
        self._place = place
        if place.name == "-":
            self._file: BinaryIO = sys.stdin.buffer if listen else sys.stdout.buffer
        else:
            with os_errors(place.name):
                self._file = Path(place.name).open("rb" if listen else "wb", buffering=0)  # noqa: SIM115
        self._pipe = is_pipe(self._file)

    def flush(self) -> None:
        """Write all of it; a pipe is waited for, and then given what it takes at once."""
        while self._unsent:
            if self._pipe:
                wait_writable(self._file, self._place.name)
            with UNBROKEN:
                some = bytes(self._unsent[:PIPE_BUF] if self._pipe else self._unsent)
                write_all(self._file, some, self._place.name)
                flush(self._file, self._place.name)
                del self._unsent[: len(some)]

    def receive(self, timeout: float) -> bytes | None:
        """Return a whole packet; it waits for one, whatever the time."""
        while True:
            data = _framed(self._waiting)
            if data is not None or self.closed:
                return data
            with os_errors(self._place.name):
                more = self._file.read1(1 << 16) if hasattr(self._file, "read1") else self._file.read(1 << 16)
            self.closed = not more
            self._waiting += more

    def close(self) -> None:
        """Close the file, unless it is standard input or output."""
        self.closed = True
        if self._place.name != "-":
            self._file.close()


def open_link(place: Place, *, listen: bool) -> Link:
    """Open a way to a place, or from it."""
    if place.kind == "udp":
        return Datagrams(place, listen)
    return Connection(place, listen) if place.kind == "tcp" else Bytes(place, listen)


def _framed(waiting: bytearray) -> bytes | None:
    """Take a packet off the begin of what has arrived; a length that none has throws all of it away."""
    if len(waiting) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack_from(waiting)
    if size > MOST_FRAMED:
        waiting.clear()
        return None
    if len(waiting) < _LENGTH.size + size:
        return None
    data = bytes(waiting[_LENGTH.size : _LENGTH.size + size])
    del waiting[: _LENGTH.size + size]
    return data


def _enlarge(link: socket.socket, forced: int, option: int) -> None:
    """Give a socket a large buffer: what arrives while this process does not run waits there."""
    for each in (forced, option):
        if each:
            with contextlib.suppress(OSError):
                link.setsockopt(socket.SOL_SOCKET, each, BUFFER)
                return


def _connect(place: Place, patience: float) -> socket.socket:
    """Connect, and go on trying while nobody listens."""
    until = time.monotonic() + patience
    while True:
        try:
            return socket.create_connection((place.host or "localhost", place.port), timeout=patience)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)

"""The receiver's half of a link, without a network: what arrives in, frames and what is missing out."""

from __future__ import annotations

from typing import Final

from n1codec import _core, arguments
from n1codec.errors import CorruptError
from n1codec.stream import messages
from n1codec.stream.decoder import Decoded, Decoder
from n1codec.stream.messages import Message
from n1codec.stream.settings import DESCRIBED

WAITING: Final = 4096
"""Most packets that wait for one before them."""
KEYS_APART: Final = 0.001
"""Seconds after which a key is asked for again."""
ASKED_AT_ONCE: Final = 256
"""Most packets that are asked for and not there yet."""
LOOKS_APART: Final = 0.0003
"""Seconds between two looks at what is to be asked for again."""
_NEVER: Final = float("-inf")
ASKED_APART: Final = 0.02
"""Seconds after which a packet is asked for again, at the latest."""
_OLD_SESSIONS: Final = 64


class Receiver:
    """Brings packets into order, asks for what is missing while there is time, and gives it up when there is none.

    Parameters
    ----------
    decoder : Decoder
        What decodes.
    budget : float
        Seconds that frames may wait for a packet that is missing. Then it is given up, and its frames are named. 0: packets
        that come late are lost.
    ask : bool
        Whether packets and keys can be asked for: False on one-way links.

    Notes
    -----
    It knows no clock: `now` is what the caller's says, in seconds, and never goes back. Call :meth:`receive` for what arrives
    and :meth:`poll` from time to time, at :attr:`deadline` at the latest; send what :meth:`replies` returns.
    """

    def __init__(self, decoder: Decoder, *, budget: float = 0.005, ask: bool = True) -> None:
        self.decoder = arguments.instance("decoder", decoder, Decoder)
        self.budget = arguments.number("budget", budget, 0)
        self._ask = arguments.flag("ask", ask)
        self._session: int | None = None
        self._old: list[int] = []
        self._next = 0
        self._seen = -1
        self._looked = _NEVER
        self._waiting: dict[int, bytes] = {}
        self._noticed: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._key_asked = -1.0
        self._replies: list[bytes] = []
        self._end: Message | None = None
        self.clock: Message | None = None
        """When frame 0 was there, if the sender has said so."""
        self.first_frame: int | None = None
        """The first frame since which the stream is heard."""
        self.packets = self.bytes = self.damaged = self.late = self.recovered = self.refused = 0

    @property
    def ended(self) -> bool:
        """Whether the sender has ended, and all that it sent is decoded or given up."""
        return self._end is not None and self._next >= self._end.packets

    @property
    def frames_sent(self) -> int | None:
        """How many frames the sender says there were; None before its end."""
        return None if self._end is None else self._end.frames

    @property
    def deadline(self) -> float | None:
        """When :meth:`poll` has something to do, at the latest; None: nothing is being waited for."""
        if not self._noticed:
            return None
        given_up = self._noticed.get(self._next, float("inf")) + self.budget
        again = min((t for t in self._asked.values() if t != _NEVER), default=float("inf")) + self._retry
        return min(given_up, again)

    @property
    def _retry(self) -> float:
        return min(ASKED_APART, max(0.0005, self.budget / 4))

    def replies(self) -> list[bytes]:
        """Return messages for the sender, each once."""
        replies, self._replies = self._replies, []
        return replies

    def receive(self, data: bytes, now: float) -> list[Decoded]:
        """Take what arrived, a packet or a message, whatever it is; return what can be given now."""
        self.bytes += len(data)
        if data and data[0] & 0xF0 == 0xB0:
            self._message(data, now)
            return self._advance(now)
        info = _core.stream_look(data, self._session or 0, self._next)
        if info is None:
            return self._other(data, now)
        self.packets += 1
        if info.flags & DESCRIBED and info.format.session != self._session:
            if info.format.session in self._old:
                self.late += 1
                return []
            return self._begin(data, info, now)
        if self._session is None:
            self._want_key(now)
            return []
        if info.sequence < self._next or info.sequence in self._waiting:
            self.late += 1
            return []
        if info.sequence == self._next and not self._noticed and not self._waiting:  # as a rule
            self._seen = max(self._seen, info.sequence)
            return self._decode(data, now)
        if self._noticed.pop(info.sequence, None) is not None:
            self._asked.pop(info.sequence, None)
            self.recovered += 1
        self._waiting[info.sequence] = data
        self._notice(info.sequence, now)
        return self._advance(now)

    def _other(self, data: bytes, now: float) -> list[Decoded]:
        decoded = self.decoder.decode(data)
        if decoded.why == "widths":
            return []
        self.damaged += 1
        if self._session is None:
            self._want_key(now)
        return []

    def _begin(self, data: bytes, info: _core.StreamInfo, now: float) -> list[Decoded]:
        """Another session: what waits of the old one is decoded as far as it goes."""
        try:
            out = self._skip_all(now)
            first = self.decoder.decode(data)
        except CorruptError:
            self.refused += 1
            return []
        if self._session is not None:
            self._old = [*self._old[1 - _OLD_SESSIONS :], self._session]
        self._session, self._next, self._seen = info.format.session, info.sequence + 1, info.sequence
        self._waiting.clear()
        self._noticed.clear()
        self._asked.clear()
        self._end = self.clock = None
        self.first_frame = info.sequence * info.format.frames
        if self.decoder.needs_key:  # its widths are missing
            self._want_key(now)
        return [*out, first]

    def _skip_all(self, now: float) -> list[Decoded]:
        out: list[Decoded] = []
        while self._waiting:
            self._next = min(self._waiting)
            out += self._decode(self._waiting.pop(self._next), now)
        return out

    def _notice(self, sequence: int, now: float) -> None:
        """Packets between the last one that was seen and this one are missing."""
        first = max(self._next, self._seen + 1, sequence - WAITING)
        self._seen = max(self._seen, sequence)
        for n in range(first, sequence):
            self._noticed[n] = now
            if self._ask and self.budget:
                self._asked[n] = _NEVER
        if first < sequence:
            self._want(now)

    def _want(self, now: float) -> None:
        """Ask for what was not asked for yet, or too long ago: the oldest first, and not for more than a link can bring."""
        again = now - self._retry
        due = [n for n, asked in self._asked.items() if asked <= again]
        room = ASKED_AT_ONCE - (len(self._asked) - len(due))
        if not due or room <= 0:
            return
        assert self._session is not None
        wanted = messages.ranges(sorted(due)[:room])[: messages.MOST_RANGES]
        for first, count in wanted:
            self._asked.update(dict.fromkeys(range(first, first + count), now))
        self._replies.append(Message(messages.AGAIN, self._session, wanted).pack())

    def _want_key(self, now: float) -> None:
        if self._ask and (self._key_asked < 0 or now - self._key_asked >= KEYS_APART):
            self._key_asked = now
            self._replies.append(Message(messages.KEY, self._session or 0).pack())

    def _message(self, data: bytes, now: float) -> None:
        message = messages.read(data)
        if message is None:
            self.damaged += 1
            return
        if message.session != self._session:
            return
        if message.kind == messages.GONE:
            for first, count in message.ranges:
                for n in range(first, first + min(count, WAITING)):
                    if n in self._noticed:
                        self._noticed[n] = float("-inf")
                        self._asked.pop(n, None)
        elif message.kind == messages.CLOCK:
            self.clock = message
        elif message.kind == messages.END:
            self._end = message
            if message.packets - self._next <= WAITING:
                self._notice(message.packets, now)
            self._seen = min(self._seen, message.packets - 1)

    def finish(self) -> tuple[tuple[int, int], ...]:
        """Return the frames that are missing at the end of a stream whose sender has said how long it was."""
        return () if self._end is None else self.decoder.missing_before(self._end.frames)

    def poll(self, now: float) -> list[Decoded]:
        """Give up what has waited too long, and ask again for what has not."""
        out = self._advance(now)
        if self._asked and now - self._looked >= LOOKS_APART:
            self._looked = now
            self._want(now)
        if self._session is None or (self.decoder.needs_key and not self.ended):
            self._want_key(now)
        if self.ended and self._ask:
            assert self._session is not None
            self._replies.append(Message(messages.DONE, self._session).pack())
        return out

    def _advance(self, now: float) -> list[Decoded]:
        """Decode what is next, and give up what is missing and has been waited for long enough."""
        out: list[Decoded] = []
        while True:
            if self._next in self._waiting:
                out += self._decode(self._waiting.pop(self._next), now)
                continue
            if not self._waiting and not self._noticed:
                return out
            noticed = self._noticed.pop(self._next, None)
            if noticed is None:  # too far away to have been noticed one by one
                self._next = min((*self._waiting, *self._noticed))
            elif now - noticed < self.budget and len(self._waiting) < WAITING:
                self._noticed[self._next] = noticed
                return out
            else:
                self._asked.pop(self._next, None)
                self._next += 1

    def _decode(self, packet: bytes, now: float) -> list[Decoded]:
        self._next += 1
        try:
            decoded = self.decoder.decode(packet)
        except CorruptError:
            self.refused += 1
            return []
        if self.decoder.needs_key:
            self._want_key(now)
        return [decoded]

"""The sender's half of a link, without a network: frames and messages in, packets to send out."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from numpy.typing import ArrayLike

from n1codec import arguments
from n1codec.stream import messages
from n1codec.stream.encoder import Encoder
from n1codec.stream.messages import Message

RING: Final = 4096
"""Packets that are kept to be sent again."""
KEYS_APART: Final = 0.0006
"""Seconds after a key in which requests are taken for older than it."""
_WIDTHS: Final = 0xA0


class Sender:
    """Codes frames, keeps the last packets, and answers what a receiver asks for.

    Parameters
    ----------
    encoder : Encoder
        What codes.
    budget : float
        Seconds after which a packet is no longer sent again: a receiver has given it up. 0: nothing is ever sent again.
    ring : int
        Most packets that are kept for that.

    Notes
    -----
    It knows no clock: `now` is what the caller's says, in seconds, and never goes back.
    """

    def __init__(self, encoder: Encoder, *, budget: float = 0.005, ring: int = RING) -> None:
        self.encoder = arguments.instance("encoder", encoder, Encoder)
        self.budget = arguments.number("budget", budget, 0)
        self._most = arguments.integer("ring", ring, 1)
        self._ring: OrderedDict[int, tuple[bytes, float]] = OrderedDict()
        self._key_sent = -1.0
        self.packets = 0
        self.bytes = 0
        self.sent_again = 0
        self.keys_asked = 0
        self.done = False
        """Whether a receiver has said that it has all."""

    def push(self, frames: ArrayLike, now: float) -> list[bytes]:
        """Return packets to send: those that these frames fill up."""
        before = self.encoder.sequence
        packets = self.encoder.encode(frames)
        return self._kept(packets, before, now)

    def skip(self, n_frames: int) -> None:
        """Leave out frames that never came: see :meth:`Encoder.skip`."""
        self.encoder.skip(n_frames)

    def finish(self, now: float) -> list[bytes]:
        """Return what is left to send at the end; :meth:`end` says then how many packets there were."""
        before = self.encoder.sequence
        return self._kept(self.encoder.flush(), before, now)

    def end(self) -> bytes:
        """Return the message that says how long the stream was: to be sent until :attr:`done`."""
        return Message(
            messages.END, self.encoder.session, packets=self.encoder.sequence, frames=self.encoder.position
        ).pack()

    def clock(self, start: int, machine: int) -> bytes:
        """Return the message that says when frame 0 was there."""
        return Message(messages.CLOCK, self.encoder.session, start=start, machine=machine).pack()

    def _kept(self, packets: list[bytes], sequence: int, now: float) -> list[bytes]:
        for packet in packets:
            self.bytes += len(packet)
            if packet[0] == _WIDTHS:
                continue
            self.packets += 1
            self._ring[sequence] = (packet, now)
            sequence += 1
        while len(self._ring) > self._most:
            self._ring.popitem(last=False)
        return packets

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Take what a receiver sent; return what to send for it."""
        message = messages.read(data)
        if message is None or message.session not in (0, self.encoder.session):
            return []
        if message.kind == messages.KEY:
            self._key(now)
        elif message.kind == messages.DONE and message.session:
            self.done = True
        elif message.kind == messages.AGAIN and message.session:
            return self._again(message, now)
        return []

    def _key(self, now: float) -> None:
        """A key that was made a moment ago may still be on its way: not another one at once."""
        if self._key_sent < 0 or now - self._key_sent > KEYS_APART:
            self._key_sent = now
            self.keys_asked += 1
            self.encoder.key()

    def _again(self, message: Message, now: float) -> list[bytes]:
        out, gone = [], []
        for first, count in message.ranges:
            for sequence in range(first, first + min(count, self._most)):
                packet, sent = self._ring.get(sequence, (b"", 0.0))
                if packet and now - sent <= self.budget:
                    out.append(packet)
                elif sequence < self.encoder.sequence:
                    gone.append(sequence)
        self.sent_again += len(out)
        self.bytes += sum(map(len, out))
        if gone:
            out.append(Message(messages.GONE, self.encoder.session, messages.ranges(gone)).pack())
        return out

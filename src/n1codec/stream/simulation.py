"""A link that loses, repeats and reorders packets, in a time of its own: what a choice of profile, keys and budget comes to."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.stream.decoder import Decoded
from n1codec.stream.receiver import Receiver
from n1codec.stream.sender import Sender
from n1codec.stream.settings import MAX_FRAMES


class LossyLink:
    """One direction of a link.

    Parameters
    ----------
    loss : float
        Share of packets that are lost.
    burst : int
        Packets that are lost in a row.
    delay, jitter : float
        Seconds: each packet takes `delay` and up to `jitter` more, so that packets overtake each other.
    repeat : float
        Share of packets that come twice.
    seed : int
        Of what is drawn at random.
    """

    def __init__(
        self,
        loss: float = 0.0,
        *,
        burst: int = 1,
        delay: float = 0.0002,
        jitter: float = 0.0,
        repeat: float = 0.0,
        seed: int = 1,
    ) -> None:
        self.loss = arguments.number("loss", loss, 0, 1)
        self.burst = arguments.integer("burst", burst, 1)
        self.delay, self.jitter = arguments.number("delay", delay, 0), arguments.number("jitter", jitter, 0)
        self.repeat = arguments.number("repeat", repeat, 0, 1)
        self._random = np.random.default_rng(seed)
        self._flying: list[tuple[float, int, bytes]] = []
        self._left = self._n = 0
        self.lost = 0
        """Packets that were lost so far."""

    def send(self, data: bytes, now: float) -> None:
        """Send a packet, or lose it."""
        if self._left:
            self._left -= 1
        elif self._random.random() < self.loss / self.burst:
            self._left = self.burst - 1
        else:
            for _ in range(1 + (self._random.random() < self.repeat)):
                self._n += 1
                late = self.jitter * self._random.random()
                heapq.heappush(self._flying, (now + self.delay + late, self._n, data))
            return
        self.lost += 1

    def arrived(self, now: float) -> list[bytes]:
        """Return what has arrived by now."""
        out = []
        while self._flying and self._flying[0][0] <= now:
            out.append(heapq.heappop(self._flying)[2])
        return out


@dataclass
class Outcome:
    """What became of a stream.

    Attributes
    ----------
    frames, delivered, missing, wrong : int
        Frames that were sent, that came, that were named as missing, and of which a sample was another one (never).
    packets, lost : int
        Packets that were sent, those again included, and those of them that were lost.
    sent_again, keys : int
        Packets that were sent again, and keys that were asked for.
    """

    frames: int = 0
    delivered: int = 0
    missing: int = 0
    wrong: int = 0
    packets: int = 0
    lost: int = 0
    sent_again: int = 0
    keys: int = 0

    @property
    def complete(self) -> bool:
        """Whether each frame was given once, or named once, and none was wrong."""
        return not self.wrong and self.delivered + self.missing == self.frames


class _Repeated:
    """Samples, again and again."""

    def __init__(self, samples: NDArray[Any]) -> None:
        self._n = len(samples)
        self._samples = np.concatenate([samples, samples[np.arange(MAX_FRAMES) % self._n]])

    def __call__(self, start: int, n: int) -> NDArray[Any]:
        """Return a packet's."""
        start %= self._n
        return self._samples[start : start + n]


class _Taken:
    def __init__(self, samples: _Repeated, outcome: Outcome) -> None:
        self._samples, self._outcome, self._at = samples, outcome, 0

    def __call__(self, results: Iterable[Decoded]) -> None:
        """Count frames; `missing` and `frames` of a stream follow each other without a gap or an overlap."""
        for each in results:
            for start, stop in each.missing:
                self._outcome.wrong += start != self._at
                self._outcome.missing += stop - start
                self._at = stop
            if len(each.frames):
                stop = each.start + len(each.frames)
                known = self._samples(each.start, len(each.frames))
                self._outcome.wrong += each.start != self._at or not np.array_equal(known, each.frames)
                self._outcome.delivered += len(each.frames)
                self._at = stop


def simulate(
    samples: NDArray[Any], seconds: float, sender: Sender, receiver: Receiver, there: LossyLink, back: LossyLink
) -> Outcome:
    """Send samples, again and again, for some seconds that take as long as the calculation does.

    Parameters
    ----------
    samples : ndarray, shape (n_samples, n_channels)
        What is sent.
    seconds : float
        How long, by the stream's rate.
    sender, receiver : Sender, Receiver
        Both new.
    there, back : LossyLink
        The ways between them. The first packet always comes: a receiver that joins later begins later.

    Returns
    -------
    Outcome
        What became of it.
    """
    settings = sender.encoder.settings
    size, rate = settings.frames_per_packet, settings.rate
    total = max(1, round(seconds * rate / size)) * size
    outcome = Outcome(frames=total)
    repeated = _Repeated(samples)
    take = _Taken(repeated, outcome)
    step, now, at = size / rate / 2, 0.0, 0
    while not receiver.ended and now < total / rate + 2:
        now += step
        for data in back.arrived(now):
            for packet in sender.receive(data, now):
                there.send(packet, now)
        if at < total and now >= (at + size) / rate:
            for packet in sender.push(repeated(at, size), now):
                if at:
                    there.send(packet, now)
                else:
                    take(receiver.receive(packet, now))
            at += size
        elif at >= total:
            there.send(sender.end(), now)
        for data in there.arrived(now):
            take(receiver.receive(data, now))
        take(receiver.poll(now))
        for reply in receiver.replies():
            back.send(reply, now)
    take([Decoded(samples[:0], receiver.finish())])
    outcome.packets, outcome.sent_again = sender.packets + sender.sent_again, sender.sent_again
    outcome.lost, outcome.keys = there.lost, sender.keys_asked
    return outcome

"""Promises of a stream that is interrupted at the worst moment: no packet is lost or torn, and the end is told."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from n1codec.cli.interrupt import signals_as_interrupts
from n1codec.stream import Decoder, Encoder
from n1codec.stream.links import Link, Place, open_link
from n1codec.stream.receiver import Receiver
from n1codec.stream.running import Receiving, send
from n1codec.stream.sender import Sender
from n1codec.unbroken import UNBROKEN

CHANNELS = 64
FRAMES = 20


def frames() -> Iterator[NDArray[np.int16]]:
    """Give out frames without an end."""
    rng = np.random.default_rng(1)
    while True:
        yield rng.integers(-2000, 2000, (FRAMES, CHANNELS)).astype(np.int16)


class Kept:
    """A link that keeps what is sent, and lets signals come where they hurt."""

    two_way = closed = False

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def put(self, data: bytes) -> None:
        self.sent.append(data)

    def flush(self) -> None:
        pass

    def receive(self, _: float) -> bytes | None:
        return self.sent.pop(0) if self.sent else None

    def close(self) -> None:
        pass


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.001)


def sender() -> Sender:
    return Sender(Encoder(CHANNELS, 20_000.0, "full", FRAMES))


def interrupted_sending(sending: Sender, link: Link) -> None:
    with pytest.raises(KeyboardInterrupt), signals_as_interrupts():
        send(sending, link, frames(), paced=False)


def assert_complete(data: Iterator[bytes], sending: Sender) -> None:
    """Assert that all that was coded arrives, exactly, and that the end is told."""
    receiver = Receiver(Decoder(None, None, None, None), budget=0.0, ask=False)
    got = [each for packet in data for each in receiver.receive(packet, 0.0)]
    assert receiver.ended
    assert not any(each.missing for each in got)
    assert receiver.damaged == receiver.refused == receiver.late == 0
    read = np.concatenate([each.frames for each in got])
    assert len(read) == sending.encoder.frames
    source = frames()
    np.testing.assert_array_equal(read, np.concatenate([next(source) for _ in range(len(read) // FRAMES)]))


@pytest.mark.parametrize("where", ["behind the coding", "among the packets", "at the link"])
def test_a_packet_that_is_coded_is_sent_whatever_comes_between(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that was interrupted there knew of a packet that was never sent, nor kept to be sent again."""
    sending, link = sender(), Kept()
    calls = 0

    def then(step: Callable[..., Any]) -> Callable[..., Any]:
        def both(*given: Any) -> Any:
            nonlocal calls
            calls += 1
            result = step(*given)
            if calls == 7:
                interrupt()
            return result

        return both

    if where == "behind the coding":
        monkeypatch.setattr(sending.encoder, "encode", then(sending.encoder.encode))
    elif where == "among the packets":
        monkeypatch.setattr(sending, "_kept", then(sending._kept))
    else:
        monkeypatch.setattr(link, "put", then(link.put))
    interrupted_sending(sending, link)
    assert len(link.sent) >= 7
    assert_complete(iter(link.sent), sending)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.parametrize("kind", ["pipe", "tcp"])
def test_a_packet_that_waits_for_its_reader_is_not_torn(kind: str, tmp_path: Path) -> None:
    """The end was written into the middle of it, and the receiver saw a stream that broke off."""
    place = Place("file", name=str(tmp_path / "pipe"))
    if kind == "pipe":
        os.mkfifo(tmp_path / "pipe")
    else:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            place = Place.of("to", f"tcp://127.0.0.1:{free.getsockname()[1]}")
    main, arrived = threading.get_ident(), list[bytes]()

    def read() -> None:
        link = open_link(place, listen=True)
        before = -1
        while sending.packets != before or not before:  # until nothing more goes in
            before = sending.packets
            time.sleep(0.2)
        signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.2)
        while not link.closed:
            if (data := link.receive(0.1)) is not None:
                arrived.append(data)
        link.close()

    sending = sender()
    reader = threading.Thread(target=read)
    reader.start()
    link = open_link(place, listen=False)
    interrupted_sending(sending, link)
    link.close()
    reader.join()
    assert_complete(iter(arrived), sending)


def test_a_receiver_that_is_interrupted_tells_what_it_has_handed_on() -> None:
    """It told of one packet less than was in its file."""
    link, sending = Kept(), sender()
    source = frames()
    for _ in range(10):
        link.sent += sending.push(next(source), 0.0)
    link.sent.append(sending.end())
    given = []

    def give(decoded: Any) -> None:
        given.append(decoded)
        if len(given) == 4:
            interrupt()

    receiving = Receiving(Receiver(Decoder(None, None, None, None)), link, give)
    with pytest.raises(KeyboardInterrupt), signals_as_interrupts():
        receiving.run()
    assert len(given) == 4
    assert receiving.frames == sum(len(each.frames) for each in given) == 4 * FRAMES


def test_an_interruption_waits_for_the_end_of_a_step_and_no_longer() -> None:
    done = []

    def steps() -> None:
        with signals_as_interrupts():
            with UNBROKEN:
                with UNBROKEN:
                    interrupt()
                done.append("inner")
            done.append("after")

    with pytest.raises(KeyboardInterrupt):
        steps()
    assert done == ["inner"]


def test_a_step_in_another_thread_keeps_nobody_from_being_interrupted() -> None:
    entered, left = threading.Event(), threading.Event()

    def step() -> None:
        with UNBROKEN:
            entered.set()
            left.wait(20)

    def main() -> None:
        with signals_as_interrupts():
            interrupt()
            pytest.fail("it went on")

    thread = threading.Thread(target=step)
    thread.start()
    entered.wait()
    try:
        with pytest.raises(KeyboardInterrupt):
            main()
    finally:
        left.set()
        thread.join()

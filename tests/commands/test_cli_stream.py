"""Promises of ``n1codec stream``: what is sent arrives, over every way; what does not is said; what was flushed is there."""

from __future__ import annotations

import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from test_stream import array

import n1codec
from cli_files import SAMPLES, noise, write_spikeglx
from n1codec.cli import main
from n1codec.stream import Encoder
from n1codec.stream.statistics import Latencies

PROGRAM = (sys.executable, "-m", "n1codec", "stream")


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen([*PROGRAM, *map(str, arguments)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=60)
    assert out == ""
    return process.returncode, err


def listening(port: int) -> None:
    """Return when somebody is bound to a UDP port."""
    for _ in range(600):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_a_recording_arrives_over_the_network_and_is_written_as_it_comes(kind: str, tmp_path: Path) -> None:
    source = write_spikeglx(tmp_path)
    port = free_port(socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    place = f"{kind}://127.0.0.1:{port}"
    receiver = start("receive", place, "-o", tmp_path / "live.n1c", "--flush", "100ms")
    if kind == "udp":
        listening(port)
    code, err = finish(start("send", source, "--to", place))
    assert code == 0, err
    code, err = finish(receiver)
    assert code == 0, err
    assert "missing 0" in err
    assert "latency p50" in err
    with n1codec.open(tmp_path / "live.n1c") as file:
        assert file.rate == 30_000
        np.testing.assert_array_equal(file.read(), SAMPLES)


class Between(threading.Thread):
    """A proxy on loopback that loses and repeats datagrams, both ways."""

    def __init__(self, to: int) -> None:
        super().__init__(daemon=True)
        self._front, self._back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._front.bind(("127.0.0.1", 0))
        self.port = self._front.getsockname()[1]
        self._to, self._sender = ("127.0.0.1", to), ("", 0)
        self.lost = 0
        self._stopped = False

    def run(self) -> None:
        rng = np.random.default_rng(1)
        while not self._stopped:
            for one in select.select([self._front, self._back], [], [], 0.05)[0]:
                data, address = one.recvfrom(65536)
                if one is self._front:
                    self._sender = address
                if rng.random() < 0.02 and data[0] & 0xF2 != 0x92:  # a described key: who joins later begins later
                    self.lost += 1
                    continue
                for _ in range(1 + (rng.random() < 0.05)):
                    (self._back if one is self._front else self._front).sendto(
                        data, self._to if one is self._front else self._sender
                    )

    def stop(self) -> None:
        self._stopped = True
        self.join()
        self._front.close()
        self._back.close()


def test_what_a_lossy_link_drops_is_asked_for_again(tmp_path: Path) -> None:
    source = write_spikeglx(tmp_path, frames=20_000)
    port = free_port(socket.SOCK_DGRAM)
    receiver = start("receive", f"udp://127.0.0.1:{port}", "-o", tmp_path / "live.n1c", "--budget", "30")
    listening(port)
    proxy = Between(port)
    proxy.start()
    try:
        code, err = finish(start("send", source, "--to", f"udp://127.0.0.1:{proxy.port}", "--budget", "30"))
        assert code == 0, err
        code, err = finish(receiver)
    finally:
        proxy.stop()
    assert code == 0, err
    assert proxy.lost > 20
    np.testing.assert_array_equal(n1codec.open(tmp_path / "live.n1c").read(), noise(60_000).reshape(20_000, 3))


@pytest.mark.parametrize("profile", ["lite", "full"])
def test_a_recording_goes_through_a_file(profile: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = write_spikeglx(tmp_path)
    packets, out = tmp_path / "packets.n1s", tmp_path / "out.n1c"
    assert main(["stream", "send", str(source), "--to", str(packets), "--at-once", "--profile", profile, "-q"]) == 0
    assert main(["stream", "receive", str(packets), "-o", str(out), "-q"]) == 0
    np.testing.assert_array_equal(n1codec.open(out).read(), SAMPLES)
    assert capfd.readouterr() == ("", "")
    assert main(["stream", "receive", str(packets), "-o", str(out), "-q"]) == 1
    assert "exists" in capfd.readouterr().err


def test_a_recording_goes_through_a_pipe(tmp_path: Path) -> None:
    source, out = write_spikeglx(tmp_path), tmp_path / "out.n1c"
    with subprocess.Popen([*PROGRAM, "send", str(source), "--at-once", "-q"], stdout=subprocess.PIPE) as sender:
        done = subprocess.run([*PROGRAM, "receive", "-", "-o", str(out)], stdin=sender.stdout, check=False)
    assert (sender.returncode, done.returncode) == (0, 0)
    np.testing.assert_array_equal(n1codec.open(out).read(), SAMPLES)


def test_what_is_missing_is_said_and_is_zero_in_the_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    samples = array(1000, 4)
    encoder = Encoder(4, 20_000, "lite", 5, key_every=0.01)
    packets = encoder.encode(samples)
    path, out = tmp_path / "packets.n1s", tmp_path / "out.n1c"
    path.write_bytes(b"".join(len(p).to_bytes(4, "little") + p for n, p in enumerate(packets) if n not in (50, 51)))
    assert main(["stream", "receive", str(path), "-o", str(out)]) == 1
    err = capfd.readouterr().err
    assert "missing: frames 250 to 399" in err
    assert "broke off" in err or "150 frames are missing" in err
    read = n1codec.open(out).read()
    assert not read[250:400].any()
    np.testing.assert_array_equal(np.delete(read, slice(250, 400), 0), np.delete(samples, slice(250, 400), 0))


def test_a_gap_without_end_begins_another_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A number far ahead, by mistake or by malice, fills no disk and stalls nobody."""
    samples = array(1000, 4)
    encoder = Encoder(4, 20_000, "full", 5)
    packets = encoder.encode(samples[:500])
    encoder.skip(10**13)
    packets += encoder.encode(samples[500:])
    path, out = tmp_path / "packets.n1s", tmp_path / "out.n1c"
    path.write_bytes(b"".join(len(p).to_bytes(4, "little") + p for p in packets))
    assert main(["stream", "receive", str(path), "-o", str(out)]) == 1
    err = capfd.readouterr().err
    assert "missing: frames 500 to 10,000,000,000,499" in err
    assert "sender began" not in err
    np.testing.assert_array_equal(n1codec.open(out).read(), samples[:500])
    np.testing.assert_array_equal(n1codec.open(tmp_path / "out-2.n1c").read(), samples[500:])


def filled(path: Path) -> None:
    """Return when some thousand frames of what is sent are in a file."""
    deadline = time.monotonic() + 30
    while not (path.exists() and path.stat().st_size > 20_000):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_receiver_that_is_killed_leaves_what_was_flushed_and_another_one_goes_on(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)
    place = f"udp://127.0.0.1:{port}"
    first = start("receive", place, "-o", tmp_path / "a.n1c", "--flush", "50ms", "-q")
    listening(port)
    sender = start("send", "--synth", "8", "--seconds", "60", "--to", place, "-q")
    filled(tmp_path / "a.n1c")
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = start("receive", place, "-o", tmp_path / "b.n1c", "--flush", "50ms")
    filled(tmp_path / "b.n1c")
    sender.send_signal(signal.SIGINT)
    assert finish(sender)[0] == 130
    code, err = finish(second)
    assert code in (0, 1), err  # a busy machine may lose some
    assert "received" in err
    assert main(["recover", str(tmp_path / "a.n1c"), "-o", str(tmp_path / "saved.n1c"), "-q"]) in (0, 1)
    whole = n1codec.open(tmp_path / "saved.n1c").read()
    assert len(whole) > 500
    later = n1codec.open(tmp_path / "b.n1c").read()
    assert len(later) > 500
    assert later.shape[1] == 8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("send",), "give a recording to send, or --synth"),
        (("send", "--synth", "4"), "--synth needs --seconds"),
        (("send", "run.wav", "--repeat"), "--repeat needs --seconds"),
        (("send", "--synth", "4", "--seconds", "1", "--to", "udp://nowhere"), "udp://HOST:PORT"),
        (("send", "--synth", "4", "--seconds", "1", "--to", "ftp://x:1"), "--to must be"),
        (("send", "--synth", "4", "--seconds", "1", "--frames", "21"), "frames_per_packet"),
        (("send", "--synth", "4", "--seconds", "1", "--budget", "soon"), "--budget must be a time"),
        (("receive", "udp://:0"), "udp://HOST:PORT"),
        (("receive", "-", "--patience", "-1"), "--patience must be a time"),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], words: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["stream", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


def test_what_is_no_stream_is_said_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for content in (b"", b"\0" * 100, np.random.default_rng(1).bytes(5000)):
        (tmp_path / "no.n1s").write_bytes(content)
        assert main(["stream", "receive", str(tmp_path / "no.n1s"), "-q"]) == 1
        assert "no stream came" in capfd.readouterr().err
    assert main(["stream", "receive", str(tmp_path / "absent.n1s"), "-q"]) == 1
    assert "absent.n1s" in capfd.readouterr().err
    assert main(["stream", "receive", f"udp://{'x' * 70}:9", "-q"]) == 1  # no name of a host is that long
    assert "label" in capfd.readouterr().err
    assert (
        main(["stream", "send", "--synth", "4096", "--frames", "20", "--seconds", "1", "--to", "udp://127.0.0.1:9"])
        == 1
    )
    assert "fewer frames" in capfd.readouterr().err


def test_percentiles_are_within_a_few_percent() -> None:
    latencies = Latencies()
    for n in range(1, 1001):
        latencies.add(n * 1e-5)
    for share in (0.5, 0.9, 0.99, 1.0):
        assert latencies.percentile(share) == pytest.approx(share * 0.01, rel=0.03)
    assert len(latencies.histogram()) > 20

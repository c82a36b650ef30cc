"""Where frames go that are received: a file that grows, and rigs."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from n1codec.cli import complain
from n1codec.cli.batch import say
from n1codec.errors import CorruptError
from n1codec.stream.links import Place

if TYPE_CHECKING:
    from n1codec.stream.decoder import Decoded
    from n1codec.stream.live import Sink
    from n1codec.stream.recorder import Recorder
    from n1codec.stream.running import Receiving

LONGEST_GAP: Final = 600.0
"""Seconds of missing frames that are filled: after more, another file begins."""
MOST_TOLD: Final = 20
"""Ranges of missing frames that are told one by one."""


class Taken:
    """Keeps what comes, gives it on, and knows which frames did not come.

    Parameters
    ----------
    output : str, optional
        A ``.n1c`` file; each further session has one of its own, and so has what follows a gap of over ten minutes.
    flush : float
        Seconds after which it is made durable.
    force : bool
        Whether an existing one may be replaced.
    forward : list of Place
        Rigs to give frames to.
    step : float, optional
        What an integer is in microvolts, for these.
    """

    receiving: Receiving
    """What receives: set before anything comes."""

    def __init__(self, output: str | None, flush: float, force: bool, forward: list[Place], step: float | None) -> None:
        self._output, self._flush, self._force = output, flush, force
        self._forward, self._step = forward, step
        self._recorder: Recorder | None = None
        self._sinks: list[Sink] = []
        self._session: int | None = None
        self.sessions = self._files = 0
        self.missing: list[tuple[int, int]] = []
        self.names: list[str] = []

    def __call__(self, decoded: Decoded) -> None:
        """Take what a packet brought."""
        settings = self.receiving.receiver.decoder.settings
        most = LONGEST_GAP * settings.rate if settings is not None else 0
        far = any(stop - start > most for start, stop in decoded.missing)
        if len(decoded.frames) and (far or decoded.session != self._session):
            self._another(decoded)
        for start, stop in decoded.missing:
            if self.missing and self.missing[-1][1] == start:
                self.missing[-1] = (self.missing[-1][0], stop)
            else:
                self.missing.append((start, stop))
            if far:
                continue
            if self._recorder is not None:
                self._recorder.skip(stop - start)
            for sink in self._sinks:
                sink.skip(stop - start)
        if len(decoded.frames):
            if self._recorder is not None:
                self._recorder.write(decoded.frames)
            for sink in self._sinks:
                sink.write(decoded.frames, decoded.start, self.receiving.there(decoded))

    def _another(self, decoded: Decoded) -> None:
        """Begin a file: a sender that was started anew has one of its own, and so has what comes after a long gap."""
        self.close()
        self.sessions += decoded.session != self._session
        self._session = decoded.session
        self._files += 1
        settings = self.receiving.receiver.decoder.settings
        assert settings is not None
        for place in self._forward:
            self._sinks.append(_sink(place, decoded, settings, self._step))
        if self._output is None:
            return
        from n1codec.stream.recorder import Recorder

        path = Path(self._output)
        if self._files > 1:
            path = path.with_name(f"{path.stem}-{self._files}{path.suffix}")
        self._recorder = Recorder(
            path, decoded.frames.dtype, settings.rate, settings.channels, flush=self._flush, overwrite=self._force
        )
        self.names.append(str(path))

    def close(self) -> None:
        """Finish the file, and give on what is left."""
        with contextlib.ExitStack() as stack:
            for sink in self._sinks:
                stack.callback(sink.close)
            if self._recorder is not None:
                stack.callback(self._recorder.close)
            self._recorder, self._sinks = None, []


def check(forward: list[Place]) -> None:
    """Refuse rigs whose libraries are not there, before anything comes."""
    from n1codec.stream import lsl, openephys

    for place in forward:
        (lsl if place.kind == "lsl" else openephys).library()


def _sink(place: Place, decoded: Decoded, settings: Any, step: float | None) -> Sink:
    from n1codec.stream import lsl, openephys

    channels, rate = settings.channels, settings.rate
    if place.kind == "lsl":
        return lsl.Outlet(place.name, channels, rate, decoded.frames.dtype, step=step, session=decoded.session)
    return openephys.Publisher(place.host, place.port, channels, rate, step=step)


def tell(receiving: Receiving, taken: Taken, where: Any, quiet: bool) -> None:
    """Say what came, how long it took, and which frames are missing."""
    if not quiet:
        say(receiving.line())
        for line in receiving.latencies.histogram():
            say(line)
        for name in taken.names:
            say(f"written to {name}")
        if taken.sessions > 1:
            say(f"the sender began {taken.sessions} times")
    for start, stop in taken.missing[:MOST_TOLD]:
        complain(CorruptError(f"missing: frames {start:,} to {stop - 1:,}"), str(where))
    if len(taken.missing) > MOST_TOLD:
        complain(CorruptError(f"missing: {len(taken.missing) - MOST_TOLD:,} more stretches"), str(where))


def check_complete(receiving: Receiving, taken: Taken, where: Any) -> None:
    """Raise what is wrong with what came, if anything is."""
    if not receiving.frames:
        raise CorruptError(f"{where}: no stream came")
    if taken.missing:
        raise CorruptError(
            f"{where}: {receiving.missing:,} frames are missing of {receiving.missing + receiving.frames:,}"
        )
    if not receiving.ended:
        raise CorruptError(f"{where}: the stream broke off after {receiving.frames:,} frames")

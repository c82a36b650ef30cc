"""The parent's end of a worker: start it, ask it, notice when it dies or hangs, end it.

The exchange, one JSON object a line:

=========================================================== ==========================================================
request                                                     answer
=========================================================== ==========================================================
``{"do": "open", "spec": s, "threads": n}``                 ``{"answer": {library: version}}``
``{"do": "measure", "source": {...}, "repeat": n}``         ``{"answer": {fields of Measurement}}``
``{"do": "blocks", "source": {...}}``                       ``{"answer": {fields of Blocks} or null}``
=========================================================== ==========================================================

Any of them may be answered by ``{"error": reason}`` instead, and be preceded by ``{"doing": what}``, which tells what a
worker that dies died of.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any, Final

from n1codec.errors import N1Error

_ONE_THREAD: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)
"""Set to 1 for a worker: no library takes more threads than it is given through the codec's parameter."""

_OVERRIDES: Final = ("BLOSC_NTHREADS", "BLOSC_NOLOCK", "BLOSC_CLEVEL", "BLOSC_SHUFFLE", "BLOSC_COMPRESSOR")
"""Taken away: they would override what a specification says."""

_GRACE_S: Final = 0.5
_STDERR_TAIL_BYTES: Final = 4096
_READ_BYTES: Final = 1 << 16


class WorkerError(N1Error):
    """A request that got no answer."""


class WorkerLostError(WorkerError):
    """A worker that died or had to be ended: a new one is needed for the next request."""


class WorkerProcess:
    """A running worker.

    Parameters
    ----------
    timeout_s : float, optional
        Longest that a request may take.
    """

    def __init__(self, timeout_s: float | None = None) -> None:
        self._timeout_s = timeout_s
        self._pending = b""
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        env = {key: value for key, value in os.environ.items() if key not in _OVERRIDES}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "n1codec.bench.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=env | dict.fromkeys(_ONE_THREAD, "1"),
            start_new_session=True,  # Ctrl-C is for the parent, which then ends the workers
        )

    @property
    def pid(self) -> int:
        """Its process id, which is that of its group and session too."""
        return self._process.pid

    def ask(self, request: dict[str, Any]) -> Any:
        """Send a request and return its answer.

        Raises
        ------
        WorkerError
            If there is a reason instead of an answer.
        WorkerLostError
            If the worker dies over it or takes too long. It is of no use after that: `close` it.
        """
        deadline = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        doing = "starting"
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._lost(doing) from None
        while True:
            try:
                line = self._read_line(deadline)
            except TimeoutError:
                self.kill()
                raise WorkerLostError(f"{doing}: took longer than {self._timeout_s:g} s") from None
            if line is None:
                raise self._lost(doing)
            message = json.loads(line)
            if "error" in message:
                raise WorkerError(message["error"])
            if "answer" in message:
                return message["answer"]
            doing = message["doing"]

    def _read_line(self, deadline: float | None) -> bytes | None:
        """Return the next line, or None if the worker is gone."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        while b"\n" not in self._pending:
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([descriptor], [], [], wait)[0]:
                raise TimeoutError
            data = os.read(descriptor, _READ_BYTES)
            if not data:
                return None
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _lost(self, doing: str) -> WorkerLostError:
        """Return what a worker that went away died of, in one line."""
        try:
            code = self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            return WorkerLostError(f"{doing}: the process closed its output")
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - _STDERR_TAIL_BYTES))
        said = [line.strip() for line in self._stderr.read().decode(errors="replace").splitlines() if line.strip()]
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"the process ended with code {code}"
        return WorkerLostError(f"{doing}: {how}" + (f" ({said[-1]})" if said else ""))

    def kill(self) -> None:
        """End the worker and whatever it started. May be called from any thread: who waits for an answer gets an error."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the worker and let go of it."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

"""The measuring process: one codec, a line of JSON for each request on standard input, lines of JSON in answer.

Run as ``python -m n1codec.bench.worker`` by `n1codec.bench.process`, which documents the exchange. Whatever a codec does to
its process (a crash, a leak, threads left behind) ends with this one. What libraries print goes to standard error.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any, TextIO

from n1codec.bench.measure import Codec, Memcpy, Subject, measure, measure_blocks, reason
from n1codec.bench.plan import MEMCPY
from n1codec.bench.sources import Loaded, Source
from n1codec.pipeline import get


class Worker:
    """Answers requests about one codec.

    Parameters
    ----------
    send : callable
        Passes a message on to the parent.
    """

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self._subject: Subject | None = None
        self._threads = 1
        self._loaded: tuple[Source, Loaded] | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request: ``{"answer": ...}``, or ``{"error": reason}`` if it has none."""
        try:
            match request["do"]:
                case "open":
                    return {"answer": self._open(request["spec"], request["threads"])}
                case "measure":
                    return {"answer": self._measure(Source(**request["source"]), request["repeat"])}
                case "blocks":
                    return {"answer": self._blocks(Source(**request["source"]))}
                case other:
                    raise ValueError(f"unknown request {other!r}")
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic in Rust is no Exception
            return {"error": reason(error)}

    def _open(self, spec: str, threads: int) -> dict[str, str]:
        """Make the codec; return the versions of the libraries behind it."""
        self._threads = threads
        if spec == MEMCPY:
            self._subject = Memcpy()
            return {}
        pipeline = get(spec)
        self._subject = Codec(pipeline)
        return pipeline.libraries()

    def _measure(self, source: Source, repeat: int) -> dict[str, Any]:
        loaded = self._load(source)
        return dataclasses.asdict(measure(self._opened, loaded, threads=self._threads, repeat=repeat, say=self._say))

    def _blocks(self, source: Source) -> dict[str, Any] | None:
        blocks = measure_blocks(self._opened, self._load(source), threads=self._threads, say=self._say)
        return None if blocks is None else dataclasses.asdict(blocks)

    @property
    def _opened(self) -> Subject:
        if self._subject is None:
            raise ValueError("no codec is open")
        return self._subject

    def _load(self, source: Source) -> Loaded:
        """Return a recording; the last one stays in memory."""
        if self._loaded is None or self._loaded[0] != source:
            self._loaded = None
            self._loaded = source, source.load()
        return self._loaded[1]

    def _say(self, doing: str) -> None:
        self._send({"doing": doing})


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are no more."""

    def send(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    worker = Worker(send)
    for line in requests:
        send(worker.answer(json.loads(line)))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the parent has warned of odd recordings already
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # a library that prints does not break the exchange
        serve(sys.stdin, answers)

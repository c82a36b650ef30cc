"""The run: each codec in a worker of its own, on every recording, whatever happens to single ones."""

from __future__ import annotations

import contextlib
import datetime
import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from n1codec import arguments
from n1codec.bench.machine import this_machine
from n1codec.bench.metrics import SORT_KEYS, finish, per_recording, total
from n1codec.bench.plan import Case, Plan
from n1codec.bench.process import WorkerError, WorkerLostError, WorkerProcess
from n1codec.bench.results import SCHEMA, Blocks, Measurement, Report, Result, Settings
from n1codec.bench.sources import RecordingInfo, Source, describe


@dataclass(frozen=True)
class Step:
    """Tells that a codec is done with a recording (or has failed on it)."""

    case: Case
    recording: str


def run(
    plan: Plan,
    sources: Sequence[Source],
    settings: Settings | None = None,
    *,
    sort: str = "ratio",
    command: str = "",
    progress: Callable[[Step], None] | None = None,
) -> Report:
    """Measure all cases on all recordings.

    Parameters
    ----------
    plan : Plan
        What to run.
    sources : sequence of Source
        The recordings.
    settings : Settings, optional
        How to measure.
    sort : str
        A key of `n1codec.bench.metrics.SORT_KEYS`: the order of the results.
    command : str
        The command line, for the record.
    progress : callable, optional
        Told after each recording of each case.

    Returns
    -------
    Report
        Of all cases; if the user interrupts the run, a partial one of those that are done.

    Raises
    ------
    FormatError, OSError
        If a recording cannot be read. Nothing has been measured then.
    """
    arguments.instance("plan", plan, Plan)
    sources = arguments.sequence("sources", sources, arguments.instance, Source)
    settings = Settings() if settings is None else arguments.instance("settings", settings, Settings)
    sort, command = arguments.choice("sort", sort, SORT_KEYS), arguments.text("command", command)
    arguments.callback("progress", progress)
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    begin = time.monotonic()
    machine = this_machine()
    recordings = tuple(describe(source) for source in sources)
    results: list[Result] = []
    partial = False
    try:
        with contextlib.closing(_Crew(plan.cases, sources, recordings, settings).work()) as events:
            for event in events:
                if isinstance(event, Result):
                    results.append(event)
                elif progress:
                    progress(event)
    except KeyboardInterrupt:
        partial = True
    finished = finish(results, sort)
    return Report(
        schema=SCHEMA,
        command=command,
        started=started,
        elapsed_s=time.monotonic() - begin,
        partial=partial,
        machine=machine,
        settings=settings,
        recordings=recordings,
        results=finished,
        skipped=plan.skipped,
        per_recording=per_recording(finished, recordings),
    )


class _Crew:
    """The threads of a run: each takes the next case and sees it through with a worker process of its own."""

    def __init__(
        self,
        cases: Sequence[Case],
        sources: Sequence[Source],
        recordings: Sequence[RecordingInfo],
        settings: Settings,
    ) -> None:
        self._cases: queue.SimpleQueue[Case] = queue.SimpleQueue()
        for case in cases:
            self._cases.put(case)
        self._count = min(settings.jobs, len(cases))
        self._sources = sources
        self._recordings = recordings
        self._settings = settings
        self._events: queue.SimpleQueue[Step | Result | BaseException | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopping = False
        self._workers: set[WorkerProcess] = set()

    def work(self) -> Generator[Step | Result, None, None]:
        """Give out what happens, as it happens; when closed, or left by an exception, end all workers."""
        threads = [threading.Thread(target=self._take_cases, daemon=True) for _ in range(self._count)]
        for thread in threads:
            thread.start()
        try:
            running = len(threads)
            while running:
                event = self._events.get()
                if event is None:
                    running -= 1
                elif isinstance(event, BaseException):
                    raise event
                else:
                    yield event
        finally:
            with self._lock:
                self._stopping = True
                for worker in self._workers:
                    worker.kill()
            for thread in threads:
                thread.join()

    def _take_cases(self) -> None:
        try:
            while not self._stopping:
                case = self._cases.get_nowait()
                result = self._measure(case)
                if not self._stopping:
                    self._events.put(result)
        except queue.Empty:
            pass
        except BaseException as error:  # a mistake of ours: the main thread raises it
            self._events.put(error)
        finally:
            self._events.put(None)

    def _measure(self, case: Case) -> Result:
        """See one case through."""
        measurements: list[Measurement] = []
        blocks: Blocks | str | None = None
        with contextlib.closing(_Bench(case, self._settings, self._enlist)) as bench:
            for index, (source, recording) in enumerate(zip(self._sources, self._recordings, strict=True)):
                measurements.append(bench.measure(source, recording))
                if index == 0 and measurements[0].lossless:
                    blocks = bench.measure_blocks(source)
                self._events.put(Step(case, recording.name))
                if self._stopping:
                    break
        return total(case, measurements, blocks, bench.libraries)

    def _enlist(self, worker: WorkerProcess) -> None:
        """Take note of a worker: it is ended if the run is stopped, which may be already."""
        with self._lock:
            self._workers.add(worker)
            if self._stopping:
                worker.kill()


class _Bench:
    """One case's worker, replaced by a new one when it is lost.

    Parameters
    ----------
    case : Case
        What it measures.
    settings : Settings
        How.
    enlist : callable
        Told of each new worker.
    """

    def __init__(self, case: Case, settings: Settings, enlist: Callable[[WorkerProcess], None]) -> None:
        self.libraries: dict[str, str] = {}
        self._case = case
        self._settings = settings
        self._enlist = enlist
        self._worker: WorkerProcess | None = None
        self._broken: str | None = None

    def measure(self, source: Source, recording: RecordingInfo) -> Measurement:
        """Return the codec's figures on a recording, or its failure."""
        try:
            answer = self._ask({"do": "measure", "source": vars(source), "repeat": self._settings.repeat})
        except WorkerError as error:
            values = recording.frames * recording.channels
            size = values * np.dtype(recording.dtype).itemsize
            return Measurement(recording.name, recording.bytes, values, size, recording.seconds, error=str(error))
        return Measurement(**answer)

    def measure_blocks(self, source: Source) -> Blocks | str | None:
        """Return what short blocks of a recording cost, the reason why they failed, or None if it is too short."""
        try:
            answer = self._ask({"do": "blocks", "source": vars(source)})
        except WorkerError as error:
            return str(error)
        return None if answer is None else Blocks(**answer)

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _ask(self, request: dict[str, Any]) -> Any:
        if self._broken is not None:
            raise WorkerError(self._broken)
        try:
            if self._worker is None:
                self._worker = self._start()
            return self._worker.ask(request)
        except WorkerLostError:
            self.close()
            raise

    def _start(self) -> WorkerProcess:
        worker = WorkerProcess(self._settings.timeout_s)
        try:
            self._enlist(worker)
            self.libraries = worker.ask({"do": "open", "spec": self._case.spec, "threads": self._case.threads})
        except WorkerError as error:
            worker.close()
            self._broken = str(error)  # the codec cannot even be made: no use in trying again for the next recording
            raise
        return worker

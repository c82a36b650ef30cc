"""Promise: a wrong argument of anything public is one error of the family, before any work, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples
from n1codec import _core, analysis, bench, container, datasets, formats, registry, report, spec, stream, synth
from n1codec.codec import Coder, Stage, Transform
from report_data import report as made_up_report
from wrong_arguments import may_be, wrong_values

MODULES = (
    "",
    ".container",
    ".formats",
    ".synth",
    ".datasets",
    ".analysis",
    ".bench",
    ".report",
    ".pipeline",
    ".registry",
    ".spec",
    ".stream",
)

SAMPLES = lattice_samples((300, 2))

STAGES = {Stage, Transform, Coder, n1codec.ByteCoder}
"""Bases to derive from: the pipeline sees to what they are given. Their parameters have a test of their own."""

RESULTS = {
    *(container.ChunkInfo, container.DecodeReport, container.EncodeReport, container.Missing, container.RecoverReport),
    *(container.VerifyReport, formats.Recording, formats.RecordingReader, datasets.Dataset, registry.Entry),
    *(
        analysis.Analysis,
        analysis.Codes,
        analysis.Distance,
        analysis.Floor,
        analysis.Pooled,
        analysis.Route,
        analysis.Study,
    ),
    *(stream.Decoded, analysis.Widths, bench.Report, bench.Result, bench.Sizes, bench.Skipped, bench.Step),
}
"""What functions return, and nobody else makes: their methods are tested, their constructors are not."""


class Room(NamedTuple):
    """A folder with one file of each kind."""

    n1c: Path
    wav: Path
    raw: Path
    out: Path


def make_room(folder: Path) -> Room:
    room = Room(folder / "a.n1c", folder / "a.wav", folder / "a.raw", folder / "out")
    room.raw.write_bytes(SAMPLES.tobytes())
    layout = n1codec.Layout(SAMPLES.dtype, SAMPLES.shape)
    from n1codec.formats.write import plan

    room.wav.write_bytes(b"".join(formats.rebuild_pieces(plan("wav", layout, 1000.0), layout, [SAMPLES])))
    container.encode_file(room.wav, room.n1c, codec="delta+store", chunk_frames=100, overwrite=True)
    return room


def writer(**given: Any) -> None:
    n1codec.Writer(**given).abort()


def reopened(**given: Any) -> None:
    n1codec.Writer.reopen(**given).abort()


def appended(room: Room, **given: Any) -> None:
    with contextlib.closing(n1codec.Writer(room.out, dtype="int16", rate=1.0, channels=2, overwrite=True)) as out:
        try:
            out.append(**given)
        finally:
            out.abort()


def opened(**given: Any) -> None:
    n1codec.open(**given).close()


def of_file(room: Room, method: str, **given: Any) -> Any:
    with n1codec.open(room.n1c) as recording:
        result = getattr(recording, method)(**given)
        return list(result) if inspect.isgenerator(result) else result


def of_reader(room: Room, method: str, **given: Any) -> Any:
    with formats.open_recording(room.wav) as reader:
        result = getattr(reader, method)(**given)
        return list(result) if inspect.isgenerator(result) else result


def valid_calls(room: Room) -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Return for everything public a call of it that is right."""
    pipeline = n1codec.get("delta+store")
    sides, payload = pipeline.encode_payload(SAMPLES)
    layout = n1codec.Layout(SAMPLES.dtype, SAMPLES.shape)
    frame = pipeline.encode(SAMPLES)
    restore = formats.read(room.wav).restore
    raw = {"dtype": "int16", "channels": 2, "rate": 1000.0}
    write = {"file": room.out, "dtype": "int16", "rate": 1000.0, "channels": 2, "codec": "store", "overwrite": True}
    write |= {"chunk_frames": None, "chunk_seconds": None, "bundle_channels": 1, "channel_names": ("a", "b")}
    encode = {"source": room.raw, "target": room.out, "codec": "store", "verify": True, "overwrite": True, **raw}
    return {
        "Layout": (n1codec.Layout, {"dtype": layout.dtype, "shape": layout.shape}),
        "Segment": (container.Segment, {"n_samples": 3, "start": 0.5, "times": b""}),
        "Segment.of": (container.Segment.of, {"n_samples": 3, "start": 0.5, "times": np.arange(3.0)}),
        "Layout.of": (n1codec.Layout.of, {"samples": SAMPLES}),
        "Pipeline": (n1codec.Pipeline, {"transforms": pipeline.transforms, "coder": pipeline.coder}),
        "Pipeline.from_dict": (n1codec.Pipeline.from_dict, {"config": pipeline.to_dict()}),
        "Pipeline.transform": (pipeline.transform, {"samples": SAMPLES}),
        "Pipeline.takes": (pipeline.takes, {"dtype": SAMPLES.dtype}),
        "Pipeline.suited": (pipeline.suited, {"dtype": np.dtype("f4")}),
        "Pipeline.knowing": (pipeline.knowing, {"widths": b"\0"}),
        "Pipeline.encode": (pipeline.encode, {"samples": SAMPLES, "threads": 1}),
        "Pipeline.encode_payload": (pipeline.encode_payload, {"samples": SAMPLES, "threads": 1}),
        "Pipeline.decode_payload": (
            pipeline.decode_payload,
            {"sides": sides, "payload": payload, "layout": layout, "threads": 1, "max_bytes": 1 << 20},
        ),
        "Pipeline.decode": (pipeline.decode, {"data": frame, "threads": 1, "max_bytes": 1 << 20}),
        "get": (n1codec.get, {"spec": "store"}),
        "named": (importlib.import_module("n1codec.pipeline").named, {"codec": "store"}),
        "encode": (n1codec.encode, {"samples": SAMPLES, "codec": "zlib", "threads": 1}),
        "decode": (n1codec.decode, {"data": frame, "threads": 1, "max_bytes": 1 << 20, "widths": b""}),
        "learn_widths": (n1codec.learn_widths, {"samples": SAMPLES}),
        "Writer": (writer, write),
        "Writer.reopen": (reopened, {"path": room.n1c, "codec": "delta+store", "threads": 1}),
        "Writer.append": (lambda **given: appended(room, **given), {"samples": SAMPLES}),
        "RecordingFile": (opened, {"path": room.n1c}),
        "RecordingFile.read": (lambda **given: of_file(room, "read", **given), {}),
        "RecordingFile.iter_chunks": (lambda **given: of_file(room, "iter_chunks", **given), {}),
        "RecordingFile.restore_to": (
            lambda **given: of_file(room, "restore_to", **given),
            {"file": room.out, "overwrite": True},
        ),
        "RecordingFile.verify": (lambda **given: of_file(room, "verify", **given), {}),
        "open": (opened, {"path": room.n1c}),
        "recover": (n1codec.recover, {"path": room.n1c, "out": room.out, "overwrite": True}),
        "encode_file": (container.encode_file, encode),
        "decode_file": (container.decode_file, {"source": room.n1c, "target": room.out, "overwrite": True}),
        "is_n1c": (container.is_n1c, {"path": room.n1c}),
        "describes_itself": (formats.describes_itself, {"path": room.raw}),
        "find": (formats.find, {"paths": [room.wav], "headerless": True}),
        "format_of": (formats.format_of, {"restore": restore}),
        "open_recording": (lambda **given: formats.open_recording(**given).close(), {"path": room.raw, **raw}),
        "read": (formats.read, {"path": room.raw, **raw}),
        "RecordingReader.read": (lambda **given: of_reader(room, "read", **given), {"start": 0, "stop": 1}),
        "RecordingReader.chunks": (lambda **given: of_reader(room, "chunks", **given), {"n_samples": 100}),
        "RecordingReader.pieces": (lambda **given: of_reader(room, "pieces", **given), {"n_samples": 100}),
        "rebuild": (formats.rebuild, {"restore": restore, "samples": SAMPLES}),
        "rebuild_pieces": (
            lambda **given: list(formats.rebuild_pieces(**given)),
            {"restore": restore, "layout": layout, "chunks": [SAMPLES]},
        ),
        **valid_calls_beside_files(room, raw),
        **valid_calls_of_streams(),
    }


def valid_calls_beside_files(room: Room, raw: dict[str, Any]) -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Return the right calls of what makes recordings, measures and shows."""
    one = analysis.analyse(SAMPLES, 1000.0)
    nearby = {"recordings": 1, "converter_bits": 10, "storage_bits": 16, "floor_bits": 5.0, "rate": 1000.0}
    counts: dict[str, Any] = {"lowest": 0, "counts": np.arange(3), "expected": np.ones(3)}
    of = analysis.Study.of
    return {
        "Parameters": (synth.Parameters, {}),
        "Parameters.drawn": (synth.Parameters.drawn, {"seed": 1}),
        "code_widths": (synth.code_widths, {}),
        "recording": (synth.recording, {"seconds": 0.01}),
        "to_stored": (synth.to_stored, {"codes": [1, 2]}),
        "datasets.get": (datasets.get, {"name": "neuralink", "cache": room.out, "url": "ftp://nowhere"}),
        "path_of": (datasets.path_of, {"name": "neuralink", "cache": room.out}),
        "WidthCounts": (analysis.WidthCounts, counts),
        "Codes.of": (analysis.Codes.of, {"samples": SAMPLES}),
        "Study.of": (of, {"analyses": [one], "command": ""}),
        "analyse": (analysis.analyse, {"samples": SAMPLES, "rate": 1000.0}),
        "distance": (analysis.distance, nearby | dict.fromkeys(("spike_rate", "snr_db", "spike_band_snr_db"))),
        "entropy": (analysis.entropy, {"values": SAMPLES}),
        "floor": (analysis.floor, {"samples": SAMPLES, "rate": 1000.0}),
        "pool": (analysis.pool, {"analyses": [one]}),
        "widths": (analysis.widths, {"seen": analysis.WidthCounts(**counts)}),
        "Report.to_csv": (made_up_report([]).to_csv, {}),
        "Case": (bench.Case, {"codec": "store", "spec": "store", "group": "baseline"}),
        "Plan": (bench.Plan, {"cases": ()}),
        "Settings": (bench.Settings, {}),
        "Source": (bench.Source, {}),
        "find_sources": (bench.find_sources, {"paths": [room.raw], **raw}),
        "make_plan": (bench.make_plan, {"codecs": ["store"]}),
        "run": (bench.run, {"plan": bench.Plan(()), "sources": []}),
        "set_members": (bench.set_members, {"name": "quick"}),
        "check_folder": (report.check_folder, {"folder": room.out}),
        "load": (report.load, {"path": room.raw}),
        "write": (report.write, {"reports": [made_up_report([])], "folder": room.out}),
        "entry": (registry.entry, {"name": "store"}),
        "expand": (registry.expand, {"name": "store"}),
        "make": (registry.make, {"name": "store", "params": {}}),
        "parse": (spec.parse, {"spec": "store"}),
    }


def valid_calls_of_streams() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Return the right calls of streams."""
    settings: dict[str, Any] = {"channels": 2, "rate": 1000.0, "profile": "lite", "frames_per_packet": 5}
    (packet, *_) = stream.Encoder(**settings).encode(SAMPLES)
    wide = stream.Converter(kind=2, codes=2, widths=b"ab")
    return {
        "Encoder": (stream.Encoder, settings | {"converter": stream.NLINK, "key_every": 1.0, "independent": True}),
        "Encoder.encode": (lambda **given: stream.Encoder(**settings).encode(**given), {"frames": SAMPLES}),
        "Encoder.skip": (stream.Encoder(**settings).skip, {"n_frames": 5}),
        "Decoder": (stream.Decoder, settings),
        "Decoder.decode": (lambda **given: stream.Decoder(**settings).decode(**given), {"packet": packet}),
        "Decoder.missing_before": (stream.Decoder(**settings).missing_before, {"n_frames": 5}),
        "Converter": (stream.Converter, dataclasses.asdict(wide)),
        "Converter.set": (stream.NLINK.set, {"f": _core.StreamFormat()}),
        "recognise": (stream.recognise, {"samples": SAMPLES, "learn": True}),
    }


def public() -> dict[str, Callable[..., Any]]:
    """Return everything public that takes arguments, by its name."""
    found: dict[str, Callable[..., Any]] = {}
    for suffix in MODULES:
        module = importlib.import_module("n1codec" + suffix)
        own = [name for name, one in vars(module).items() if getattr(one, "__module__", "") == module.__name__]
        for name in getattr(module, "__all__", [name for name in own if name[0] != "_"]):
            one = getattr(module, name)
            if (
                not callable(one)
                or one in STAGES
                or (inspect.isclass(one) and issubclass(one, BaseException | Warning))
            ):
                continue
            if suffix == ".datasets" and name == "get":
                found["datasets.get"] = one
            elif inspect.isclass(one):
                found |= methods(one)
            else:
                found[name] = one
    return {name: one for name, one in found.items() if parameters(one)}


def methods(one: type) -> dict[str, Callable[..., Any]]:
    """Return a class's constructor, if callers use it, and its public methods."""
    own = [name for name in vars(one) if name[0] != "_" and callable(getattr(one, name))]
    found: dict[str, Callable[..., Any]] = {} if one in RESULTS else {one.__name__: one}
    return found | {f"{one.__name__}.{name}": getattr(one, name) for name in own}


def parameters(one: Callable[..., Any]) -> dict[str, str]:
    """Return the annotations of what a function takes."""
    signature = inspect.signature(one)
    return {name: str(each.annotation) for name, each in signature.parameters.items() if name != "self"}


SURFACE = public()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    folder = tmp_path / "room"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return make_room(folder)


@pytest.fixture
def wrong(tmp_path: Path) -> Iterator[dict[str, Any]]:
    folder = tmp_path / "wrong"
    folder.mkdir()
    with wrong_values(folder) as values:
        yield values


@pytest.mark.parametrize("name", SURFACE)
def test_a_wrong_argument_is_one_error_and_leaves_nothing(name: str, room: Room, wrong: dict[str, Any]) -> None:
    calls = valid_calls(room)
    assert name in calls, f"{name} is public: give it a call that is right"
    function, given = calls[name]
    before = contents(room.raw.parent)
    mistakes: list[str] = []
    for parameter, annotation in parameters(SURFACE[name]).items():
        allowed = may_be(annotation)
        for what, value in wrong.items():
            problem = outcome(function, given | {parameter: value}, allowed=what in allowed)
            left = contents(room.raw.parent)
            if problem:
                mistakes.append(f"{parameter}={what}: {problem}")
            elif what not in allowed and left != before:
                mistakes.append(f"{parameter}={what} leaves {left.keys() ^ before.keys()}")
            for path in sorted(left.keys() - before.keys(), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            if {path: left.get(path) for path in before} != before:
                make_room(room.raw.parent)
    assert not mistakes, "\n".join(mistakes)


def outcome(function: Callable[..., Any], given: dict[str, Any], *, allowed: bool) -> str:
    """Return what is wrong with how a call ends, or nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function(**given)
        except n1codec.N1Error as error:
            message = str(error)
            return f"several lines: {message}" if "\n" in message else ""
        except BaseException as error:
            return f"{type(error).__name__}: {error}"
    return "" if allowed else "is taken"


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: b"" if path.is_dir() else path.read_bytes() for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize("line", registry.entries(), ids=lambda line: line.name)
def test_a_wrong_parameter_of_a_stage_is_one_error(line: registry.Entry, wrong: dict[str, Any]) -> None:
    if line.missing():
        pytest.skip(line.hint)
    cls = line.load()
    mistakes = []
    for field in dataclasses.fields(cls):
        for what, value in wrong.items():
            problem = outcome(cls, {field.name: value}, allowed=what in may_be(str(field.type)))
            if problem:
                mistakes.append(f"{field.name}={what}: {problem}")
    assert not mistakes, "\n".join(mistakes)


@pytest.mark.parametrize("number", [np.int64, np.uint8, np.array])
def test_numpys_numbers_are_numbers_everywhere(number: Callable[[int], Any], room: Room) -> None:
    """An integer of NumPy's is taken wherever an integer is, and gives the same."""
    options: dict[str, Any] = {
        "channels": 2,
        "bundle_channels": 1,
        "chunk_frames": 100,
        "threads": 2,
        "rate": 100,
        "file_id": 7,
    }
    given = {name: number(value) for name, value in options.items()}
    made = []
    for name, chosen in (("plain", options), ("numpy", given)):
        with n1codec.Writer(room.out.with_name(name), dtype="int16", gains=[number(1)] * 2, **chosen) as out:
            out.append(SAMPLES)
        made.append(room.out.with_name(name).read_bytes())
    assert made[0] == made[1]
    with n1codec.open(room.out.with_name("numpy"), threads=number(1), cache_bytes=number(100)) as recording:
        assert type(recording.rate) is float
        assert (recording.read(number(1), number(9), fill=number(0)) == SAMPLES[1:9]).all()
        assert [start for start, _ in recording.iter_chunks(number(50))] == [50, 100, 200]
    read = formats.read(room.raw, dtype="int16", channels=number(2), rate=number(100))
    assert (read.samples == SAMPLES).all()
    assert (synth.recording(number(1), number(2), number(100), number(7)) == synth.recording(1, 2, 100, 7)).all()
    assert synth.Parameters(neurons=number(1), offset=number(5)) == synth.Parameters(neurons=1, offset=5.0)
    assert n1codec.Pipeline.from_dict({"stages": [{"name": "zlib", "params": {"level": number(9)}}]}) == n1codec.get(
        "zlib:level=9"
    )
    assert len(n1codec.decode(n1codec.get("zlib").encode(SAMPLES[:9]), max_bytes=number(100))) == 9
    assert bench.Settings(repeat=number(2), timeout_s=number(3)) == bench.Settings(repeat=2, timeout_s=3.0)


def test_a_subclass_of_text_names_what_it_holds_and_not_what_it_shows(room: Room) -> None:
    from wrong_arguments import Text

    assert n1codec.get(Text("zlib:level=9")).spec == "zlib:level=9"
    with n1codec.open(Text(str(room.n1c))) as recording:
        assert str(recording.path) == str.__str__(Text(str(room.n1c)))

"""Promise: whatever words a command line has, it does its work, or says in one line what is wrong and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer.main

from cli_files import wav, write_wav
from n1codec.cli import main
from n1codec.cli.app import app

WORDS = (
    *(
        "nan",
        "-1",
        "1" + "0" * 400,
        "3000000000",
        "[red]",
        "int16",
        "a\0b",
        "\udcff\n",
        "n" * 300,
        "absent/",
        "a.wav/x",
    ),
    *("loop", "/dev/full", "a.wav"),
)
"""What options are given that mean something else; some of them are right for some."""

LINES: dict[str, list[str]] = {
    "encode": ["a.wav"],
    "decode": ["a.wav.n1c"],
    "test": ["a.wav.n1c"],
    "info": ["a.wav.n1c"],
    "cat": ["a.wav.n1c"],
    "convert": ["a.wav.n1c", "--to", "npy"],
    "recover": ["a.wav.n1c"],
    "codecs": [],
}
"""Commands that answer at once, with what else they need."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of files and names that are no files."""
    stage = tmp_path_factory.mktemp("stage")
    write_wav(stage / "a.wav", wav(np.arange(200).reshape(-1, 2)))
    assert main(["encode", "-q", str(stage / "a.wav")]) == 0
    (stage / "empty.wav").touch()
    (stage / "folder").mkdir()
    (stage / "loop").symlink_to("loop")
    (stage / "nowhere").symlink_to("gone")
    return stage


def contents(folder: Path) -> dict[str, bytes | None]:
    """Return the names in a folder, and what is in the files."""
    return {str(one.relative_to(folder)): one.read_bytes() if one.is_file() else None for one in folder.rglob("*")}


def options() -> Iterator[tuple[str, str, str]]:
    """Give every option of the commands that takes a value, and every word."""
    commands: Any = typer.main.get_command(app()).commands  # type: ignore[attr-defined]
    for name in LINES:
        for option in commands[name].params:
            if option.param_type_name == "option" and not option.is_flag:
                yield from ((name, max(option.opts, key=len), word) for word in WORDS)


@pytest.mark.parametrize("command", LINES)
def test_no_option_takes_any_word_wrongly(
    command: str, stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # what takes time here, and is nothing to do with words
    failures = []
    folder = tmp_path / "work"
    for name, option, word in options():
        if name != command:
            continue
        if not folder.exists():
            shutil.copytree(stage, folder, symlinks=True)
            os.chdir(folder)
        before = contents(folder)
        code = main([command, *LINES[command], f"{option}={word}"])
        errors = capfd.readouterr().err
        after = contents(folder)
        fine = code == 0 or (
            code in (1, 2) and errors.startswith("n1codec: ") and len(errors.splitlines()) == 1 and after == before
        )
        if not fine or "N1CODEC_DEBUG" in errors or not before.items() <= after.items():
            failures.append((option, word, code, errors, sorted(after.keys() - before.keys())))
        if after != before:
            os.chdir(tmp_path)
            shutil.rmtree(folder)
    assert not failures


@pytest.mark.parametrize("command", [*LINES, "analyze", "bench", "report"])
def test_no_input_of_any_name_is_taken_wrongly(
    command: str, stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "work"
    shutil.copytree(stage, folder, symlinks=True)
    monkeypatch.chdir(folder)
    before = contents(folder)
    for word in (set(WORDS) | {"empty.wav", "absent.wav", "a\0b.n1c", "", "--", "folder/", "nowhere"}) - {"a.wav"}:
        rest = ["-o", "out.html"] if command == "report" else LINES.get(command, [])[1:]
        code = main([command, *rest, "--", word])
        errors = capfd.readouterr().err
        assert code in (1, 2), word
        assert (len(errors.splitlines()), "N1CODEC_DEBUG" in errors) == (1, False), (word, errors)
        assert contents(folder) == before, word


@pytest.mark.parametrize(
    "line",
    [
        *([name, ""] for name in ("encode", "decode", "test", "info", "cat", "convert", "recover", "analyze", "bench")),
        ["encode", "a.wav", "-o", ""],
        ["encode", "a.wav", "--output="],
        ["encode", "a.wav", "--no-such-option"],
        ["encode", "a.wav", "--level", "[red]"],
        ["encode", "a.wav", "--output"],
        ["no-such-command"],
        ["--no-such-option"],
        ["data", "get"],
        ["cat", "a.wav", "b.wav"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line(
    line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_wav(tmp_path / "a.wav")
    monkeypatch.chdir(tmp_path)
    assert main(line) == 2
    said = capsys.readouterr()
    assert (len(said.err.splitlines()), said.err[:9], said.out) == (1, "n1codec: ", "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_name_with_a_slash_at_its_end_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_wav(tmp_path / "a.wav")
    for line in (
        ["cat", str(source), "-o", f"{tmp_path}/out/"],
        ["analyze", str(source), "--json", f"{tmp_path}/out/"],
    ):
        assert main(line) == 1
        assert "out/: is a directory" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]

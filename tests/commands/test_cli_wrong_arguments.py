"""Promise: an empty word on the command line is no folder, but a mistake of one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli_files import write_wav
from n1codec.cli import main


@pytest.mark.parametrize(
    "line",
    [
        *([name, ""] for name in ("encode", "decode", "test", "info", "cat", "convert", "recover", "analyze", "bench")),
        ["encode", "a.wav", "-o", ""],
        ["encode", "a.wav", "--output="],
    ],
    ids=" ".join,
)
def test_an_empty_word_is_a_mistake(
    line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_wav(tmp_path / "a.wav")
    monkeypatch.chdir(tmp_path)
    assert main(line) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]

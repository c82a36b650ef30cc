"""Promises: text opens in what people open text with; a list of channels means what it says, or says what it took."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cli_files import SAMPLES, failing, lines, ok, write_spikeglx
from n1codec import ParameterError
from n1codec.cli.selection import channel_numbers


@pytest.mark.parametrize(("name", "between"), [("x.csv", ","), ("x.CSV", ","), ("x.tsv", "\t")])
def test_tables_have_a_line_of_names_and_then_the_samples(tmp_path: Path, name: str, between: str) -> None:
    path = write_spikeglx(tmp_path)
    ok("cat", path, "--channels", "SY0,0", "-o", tmp_path / name)
    with (tmp_path / name).open(newline="") as handle:
        header, *rows = csv.reader(handle, delimiter=between)
    assert header == ["SY0", "AP0"]
    np.testing.assert_array_equal(np.array(rows, int), SAMPLES[:, [2, 0]])
    np.testing.assert_array_equal(np.loadtxt(tmp_path / name, int, delimiter=between, skiprows=1), SAMPLES[:, [2, 0]])


def test_channels_without_names_are_called_by_their_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", SAMPLES)
    ok("cat", tmp_path / "a.npy", "--rate", "1", "--channels", "2,0", "-o", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines()[:2] == ["ch2,ch0", f"{SAMPLES[0, 2]},{SAMPLES[0, 0]}"]
    ok("cat", tmp_path / "a.npy", "--rate", "1", "-o", tmp_path / "a.txt")
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "a.txt", int), SAMPLES)
    pandas = pytest.importorskip("pandas")
    np.testing.assert_array_equal(pandas.read_csv(tmp_path / "a.csv").to_numpy(), SAMPLES[:, [2, 0]])


def test_names_with_commas_and_quotes_stay_one_column(tmp_path: Path) -> None:
    path = write_spikeglx(tmp_path)
    meta = path.with_suffix(".meta")
    meta.write_text(meta.read_text().replace("(AP0;", '(A,"P";'))
    ok("cat", path, "-o", tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="") as handle:
        assert next(csv.reader(handle)) == ['A,"P"', "AP1", "SY0"]


def test_the_kind_given_overrules_the_name_in_any_letters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_spikeglx(tmp_path)
    ok("cat", path, "--as", "NPY", "-o", tmp_path / "x.csv")
    np.testing.assert_array_equal(np.load(tmp_path / "x.csv"), SAMPLES)
    ok("cat", path, "-o", tmp_path / "Y.NPY")
    np.testing.assert_array_equal(np.load(tmp_path / "Y.NPY"), SAMPLES)
    ok("convert", "-q", path, "--to", "Wav", "-o", tmp_path / "z.wav")
    assert failing("cat", path, "-o", tmp_path / "x.n1c") == 2
    assert failing("convert", path, "-o", tmp_path / "z.csv") == 2
    said = lines(capsys)
    assert "encode" in said[0]
    assert "n1codec cat" in said[1]
    assert not (tmp_path / "x.n1c").exists()


NAMES = ("1", "0", "a,b", "x", "x", 'q"q', "name:5")


@pytest.mark.parametrize(
    ("text", "numbers", "told"),
    [
        ("1", [0], "1 is taken as the name of channel 0; #1 is the number"),
        ("#1", [1], None),
        ('"1"', [0], None),
        ("name:1", [0], None),
        ("#1-3", [1, 2, 3], None),
        ("2", [2], None),
        ("0-1", [0, 1], "taken as numbers from 0, though channels are named 0 and 1"),
        ("2-6", [2, 3, 4, 5, 6], None),
        ('"a,b"', [2], None),
        ('name:"a,b", #0', [2, 0], None),
        ('"q""q"', [5], None),
        ("name:5", [6], None),
        (" 2 , 3", [2, 3], None),
    ],
)
def test_a_list_of_channels_says_which_it_took(text: str, numbers: list[int], told: str | None) -> None:
    said: list[str] = []
    assert channel_numbers(text, 7, NAMES, said.append) == numbers
    assert len(said) == (told is not None)
    assert (told or "") in "".join(said)


@pytest.mark.parametrize(
    ("text", "names", "reason"),
    [
        ("x", NAMES, "2 channels have this name; their numbers are #3, #4"),
        ("a", NAMES, "names are 1, 0, a,b, x"),
        ("name:a", NAMES, "no channel has this name"),
        ('"3"', NAMES, "no channel has this name"),
        ("#7", NAMES, "there are channels 0 to 6"),
        ("AP0", (), "the channels have no names"),
        ('"a', NAMES, "not closed"),
        ('"a,b"c', NAMES, "not closed"),
        ("", NAMES, "expected such as"),
        ("1,,2", (), "expected such as"),
        ("#", NAMES, "expected such as"),
        ("#-1", NAMES, "expected such as"),
    ],
)
def test_a_list_of_no_channels_is_refused_with_the_reason(text: str, names: Sequence[str], reason: str) -> None:
    with pytest.raises(ParameterError, match=reason):
        channel_numbers(text, 7, names)


def test_cat_tells_on_standard_error_which_it_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_spikeglx(tmp_path)
    meta = path.with_suffix(".meta")
    meta.write_text(meta.read_text().replace("(AP0;", "(1;"))
    ok("cat", path, "--channels", "1", "-o", tmp_path / "x.npy")
    assert lines(capsys) == ["--channels 1 is taken as the name of channel 0; #1 is the number"]
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), SAMPLES[:, :1])

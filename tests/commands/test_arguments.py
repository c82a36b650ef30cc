"""Promise: an argument becomes a plain value, or one short error that names it and what was given."""

from __future__ import annotations

import decimal
import fractions
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from n1codec import N1Error, arguments
from wrong_arguments import Hostile, Text


@pytest.mark.parametrize("value", [4, np.int64(4), np.uint8(4), np.array(4), np.array(4, ">i2")])
def test_numpys_integers_are_integers(value: Any) -> None:
    found = arguments.integer("channels", value, 1, 4)
    assert type(found) is int
    assert found == 4


@pytest.mark.parametrize(
    "value", [0.5, np.float32(0.5), np.array(0.5), fractions.Fraction(1, 2), decimal.Decimal("0.5")]
)
def test_whatever_has_a_value_as_a_float_is_a_number(value: Any) -> None:
    found = arguments.rate(value)
    assert type(found) is float
    assert found == 0.5


NO_INTEGERS: tuple[Any, ...] = (
    *(None, object(), "4", b"4", 4.0, np.float32(4), float("nan"), True, np.True_, np.array(True), 4j, [4], (4,)),
    *(np.array([4]), np.array(["4"]), np.datetime64(4, "s"), np.timedelta64(4), np.ma.array(4, mask=True), Hostile()),
    *(0, -1, 10**400, 10**5000),
)
NO_NUMBERS: tuple[Any, ...] = (
    *(None, object(), "4", b"4", Text("4"), float("nan"), float("inf"), True, np.True_, 4j, [4], np.array([4.0])),
    *(np.datetime64(4, "s"), np.timedelta64(4), np.ma.masked, decimal.Decimal("sNaN"), 10**400, Hostile(), 0, -1, 1e9),
)


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (lambda value: arguments.integer("it", value, 1, 99), NO_INTEGERS),
        (lambda value: arguments.number("it", value, high=1e6, above=0), NO_NUMBERS),
        (lambda value: arguments.text("it", value), (None, 1, b"a", Path("a"), ["a"], Hostile())),
        (lambda value: arguments.choice("it", value, ("a", "b")), (None, "c", b"a", ["a"], {"a"}, Hostile())),
        (lambda value: arguments.flag("it", value), (None, 0, 1, "true", "", [], np.array([True]), Hostile())),
        (lambda value: arguments.path("it", value), (None, 1, b"a", "", ["a"], io.BytesIO(), Hostile())),
        (lambda value: arguments.data("it", value), (None, 1, "a", [1], np.array([None]), Hostile())),
        (lambda value: arguments.callback("it", value), (1, "print", Hostile())),
        (lambda value: arguments.mapping("it", value), (None, [], [(1, 2)], "a", Hostile())),
        (
            lambda value: arguments.dtype("it", value),
            (None, "x", "c8", "S4", object, "M8[s]", [("a", "i2")], Hostile()),
        ),
        (
            lambda value: arguments.sequence("it", value, arguments.text),
            (None, "ab", b"ab", ["a", 1], iter("ab"), (letter for letter in "ab"), {"a": 1}, np.array("a"), Hostile()),
        ),
        (
            lambda value: arguments.samples("it", value),
            (None, 1, "a", 1.5, [[1], [1, 2]], [2**70], [1j], iter([1]), np.zeros((1, 1, 1), "i2"), Hostile()),
        ),
        (lambda value: arguments.writable("it", value), (None, 1, io.StringIO(), io.BytesIO, Hostile())),
    ],
)
def test_what_is_refused_is_named_in_one_short_line(check: Callable[[Any], Any], values: tuple[Any, ...]) -> None:
    for value in values:
        with pytest.raises(N1Error) as caught:
            check(value)
        message = str(caught.value)
        assert message.startswith("it")
        assert len(message) < 200
        assert "\n" not in message


def test_a_mask_is_not_lost_in_silence() -> None:
    whole = np.ma.array(np.arange(4, dtype=np.int16))
    assert arguments.samples("samples", whole).tolist() == [0, 1, 2, 3]
    whole[1] = np.ma.masked
    with pytest.raises(N1Error, match="masked"):
        arguments.samples("samples", whole)


def test_what_a_subclass_adds_to_text_is_left_behind() -> None:
    for found in (
        arguments.text("name", Text("a")),
        arguments.choice("name", Text("a"), ("a",)),
        str(arguments.path("p", Text("a"))),
    ):
        assert type(found) is str
        assert found == "a"


def test_a_file_object_is_open_for_writing_bytes(tmp_path: Path) -> None:
    closed = io.BytesIO()
    closed.close()
    (tmp_path / "a").write_bytes(b"")
    with (
        (tmp_path / "a").open("rb") as reading,
        (tmp_path / "b").open("w") as words,
        tempfile.NamedTemporaryFile("w") as wrapped,
        tempfile.NamedTemporaryFile() as right,
    ):
        for wrong in (closed, reading, words, wrapped):
            with pytest.raises(N1Error, match="file"):
                arguments.writable("file", wrong)
        assert arguments.writable("file", right) is right
    with os.fdopen(os.open(tmp_path / "c", os.O_WRONLY | os.O_CREAT), "wb") as opened:
        assert arguments.writable("file", opened) is opened

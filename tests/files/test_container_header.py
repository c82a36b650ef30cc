"""Promises: what a file says of its recording comes back as it is, or is refused before there is a file."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples
from container_tools import RATE, write_n1c

TWO = lattice_samples((57, 7))
CIRCLE: dict[str, Any] = {}
CIRCLE["a"] = CIRCLE


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize(
    "options",
    [
        *(
            {"channel_names": names}
            for names in ([0, 1], [None, None], [1.5, "a"], [b"a", b"b"], "ab", ["\ud800", "b"], 5)
        ),
        *({name: values} for name in ("gains", "offsets") for values in ("12", ["1", "2"], [1, float("nan")], [1, 2j])),
        *({"gains": values} for values in ([1, float("inf")], [True, False], [10**400, 1], [None, 1], {1: 2, 3: 4}, 5)),
        *({"start_time": time} for time in (clock(3, 4), date(2026, 1, 1), "2026-01-01", 5, timedelta(1))),
        *(
            {"metadata": {"a": value}}
            for value in (float("nan"), 1 + 2j, b"a", {1: 2}, {None: 1}, {"b": {3}}, "\ud800")
        ),
        *({"metadata": value} for value in ({1: "a"}, [1], "a", {"\udfff": 1}, {"a": 10**1001}, {"a": np.zeros(3)})),
        {"metadata": {"a": json.loads("[" * 70 + "]" * 70)}},
        {"metadata": {"a": [0] * (1 << 20)}},
        {"metadata": {"a": "x" * (1 << 24)}},
        {"metadata": CIRCLE},
        {"rate": "1000"},
        {"rate": 1e300},
        {"rate": 10**400},
        {"rate": True},
        {"file_id": 1.5},
        {"sidecars": [".meta"]},
        {"sidecars": {".meta": "text"}},
        {"sidecars": {5: b""}},
        {"restore": "text"},
    ],
)
def test_a_header_that_no_reader_would_take_is_refused_before_a_file_is_made(
    tmp_path: Path, options: dict[str, Any], atomic: bool
) -> None:
    settings: dict[str, Any] = {"dtype": "i2", "rate": RATE, "channels": 2, "atomic": atomic} | options
    with pytest.raises(n1codec.ParameterError):
        n1codec.Writer(tmp_path / "a.n1c", **settings)
    assert not list(tmp_path.iterdir())


def test_what_numpy_and_python_call_numbers_and_times_comes_back_as_such(tmp_path: Path) -> None:
    metadata = {
        "integer": np.int64(3),
        "float": np.float32(0.5),
        "bool": np.bool_(True),
        "text": np.str_("a"),
        "tuple": (1, (np.uint8(2),)),
        "deep": json.loads("[" * 62 + "]" * 62),
        "large": 10**999,
    }
    time = datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York"))
    path = write_n1c(
        tmp_path / "a.n1c",
        TWO[:, :2],
        metadata=metadata,
        rate=np.float32(1000),
        gains=np.array([1, 2], np.int16),
        offsets=[np.float32(0.5), 3],
        channel_names=np.array(["a", "b"]),
        start_time=time,
        file_id=np.int64(7),
    )
    with n1codec.open(path) as recording:
        found = dict(recording.metadata)
        assert (found.pop("deep"), found.pop("large")) == (metadata["deep"], metadata["large"])
        assert json.dumps(found) == '{"integer": 3, "float": 0.5, "bool": true, "text": "a", "tuple": [1, [2]]}'
        assert (recording.gains, recording.offsets, recording.channel_names) == ((1.0, 2.0), (0.5, 3.0), ("a", "b"))
        assert recording.start_time is not None
        assert recording.start_time.isoformat() == "2026-11-01T01:30:00-05:00"
        assert recording.file_id == 7

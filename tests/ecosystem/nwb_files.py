"""NWB for the tests: a file that says all that an inspector asks for, and what it has to say."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import stacks
from conftest import SHARED
from n1codec import synth

stacks.needs("zarr2", "zarr3")

pynwb = importlib.import_module("pynwb")
ecephys = importlib.import_module("pynwb.ecephys")
inspector = importlib.import_module("nwbinspector")

RECORDINGS = ("a real probe run", "a synthetic recording")
PROBE = SHARED / "multichannel" / "run-001_g0_t0.imec0.ap.bin"


def traces_of(name: str) -> NDArray[np.int16]:
    """Return one of `RECORDINGS`."""
    if name == "a synthetic recording":
        return synth.recording(seconds=0.3, channels=32, rate=30_000, seed=1).astype(np.int16)
    if not PROBE.is_file():
        pytest.skip(f"the real probe run is not here: no {PROBE}")
    return np.fromfile(PROBE, "<i2").reshape(-1, 385)


def nwb_file(data: Any, channels: int, start: datetime = datetime(2022, 3, 4, 5, 6, 7, tzinfo=UTC)) -> Any:
    """Return an NWB file that says all that an inspector asks for."""
    nwb = pynwb.NWBFile(
        session_description="a run of a Neuropixels 2.0 probe", identifier="run-001_g0_t0",
        session_start_time=start, experimenter=["Doe, Jane"], institution="A university",
        lab="A laboratory", experiment_description="A rat at rest.", keywords=["neuropixels"],
    )  # fmt: skip
    nwb.subject = pynwb.file.Subject(
        subject_id="001", species="Rattus norvegicus", sex="M", age="P90D", description="A rat."
    )
    probe = nwb.create_device("imec0", description="Neuropixels 2.0")
    shank = nwb.create_electrode_group("shank0", description="Of the probe.", location="CA1", device=probe)
    for channel in range(channels):
        nwb.add_electrode(group=shank, location="CA1", rel_x=32.0 * (channel % 2), rel_y=15.0 * (channel // 2))
    electrodes = nwb.create_electrode_table_region(list(range(channels)), "All channels.")
    nwb.add_acquisition(
        ecephys.ElectricalSeries(
            name="ElectricalSeries", description="The AP band.", data=data, electrodes=electrodes, rate=30_000.0,
            starting_time=0.0, conversion=2.34375e-6,
        )
    )  # fmt: skip
    return nwb


def violations(nwb: Any) -> list[str]:
    """Return what the inspector has to say of an NWB file that is read, suggestions left out."""
    least = inspector.Importance.BEST_PRACTICE_VIOLATION.value
    found = inspector.inspect_nwbfile_object(nwbfile_object=nwb)
    return [f"{one.check_function_name}: {one.message}" for one in found if one.importance.value >= least]

"""What a run was measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n1codec import _core
from n1codec._version import __version__


@dataclass(frozen=True)
class Machine:
    """The machine, the system and what n1codec itself is built with. None where it cannot be told."""

    cpu: str | None
    architecture: str
    cores: int
    memory_gb: float | None
    load: float | None
    os: str
    python: str
    numpy: str
    n1codec: str
    compiler: str | None


def this_machine() -> Machine:
    """Describe the machine that this runs on, its load now included."""
    return Machine(
        cpu=_cpu(),
        architecture=platform.machine(),
        cores=_cores(),
        memory_gb=_memory_gb(),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        os=platform.platform(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        numpy=np.__version__,
        n1codec=__version__,
        compiler=_compiler(),
    )


def _cpu() -> str | None:
    """Return the processor's name for itself."""
    try:
        if sys.platform == "darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, check=True, timeout=5).stdout.strip() or None
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("model name", "Model", "cpu model")):
                return line.partition(":")[2].strip()
    except (OSError, subprocess.SubprocessError):
        pass
    return platform.processor() or None


def _cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
    except (ValueError, OSError):
        return None


def _compiler() -> str | None:
    """Return the compiler that the native core says it was made with, in the comment section of its object file."""
    if not _core.__file__:
        return None
    found = re.search(rb"(?:GCC: |clang version )[ -~]+", Path(_core.__file__).read_bytes())
    return found[0].decode("ascii").replace("GCC:", "GCC") if found else None

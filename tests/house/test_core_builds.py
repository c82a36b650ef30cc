"""Promises of the core on every machine: the same bytes everywhere, nothing beneath it, no floating point to decode."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from core_builds import (
    CALL_GRAPH,
    CORE,
    LITERAL,
    STRICT,
    Build,
    encoders,
    floating_point,
    sources,
    stack,
    symbols,
)

SESSION = ROOT / "tests" / "c" / "session.c"
LIMITS = ROOT / "tests" / "c" / "limits.c"
PROGRAMS = tuple(ROOT / "tests" / "c" / f"hash_{what}.c" for what in ("n1", "coders", "stream"))

NATIVE = Build("gcc", "gcc", ("-O3", "-march=native", "-ffreestanding", "-ffunction-sections", CALL_GRAPH, *STRICT))
CLANG = Build("clang", "clang", ("-O1", "-march=native", "-ffreestanding", *STRICT))
AARCH64 = Build("aarch64", "aarch64-linux-gnu-gcc", ("-O3", "-static", CALL_GRAPH), "qemu-aarch64")
BIG_ENDIAN = Build("s390x-big-endian", "s390x-linux-gnu-gcc", ("-O2", "-static", CALL_GRAPH), "qemu-s390x")
OTHERS = (NATIVE, CLANG, AARCH64, BIG_ENDIAN)
PORTABLE = Build("gcc-portable", "gcc", ("-O1", "-DN1_SCALAR_ONLY"))
"""Without the kernels of any machine."""
DEVICE = Build(
    "aarch64-device",
    "aarch64-linux-gnu-gcc",
    ("-O0", "-ffreestanding", "-ffunction-sections", "-fdata-sections", "-mgeneral-regs-only"),
)

FREESTANDING = {"memcpy", "memmove", "memset", "memcmp"}
"""What a free-standing C implementation must have for the compiler's own use."""
X86_ONLY = {"__cpu_model", "__cpu_features2", "_GLOBAL_OFFSET_TABLE_"}
"""What the compiler's support library (libgcc, compiler-rt) and the linker give."""
DECODERS = re.compile(
    r"\bn1_(?:\w+_(?:decode|restore|inverse|unshuffle)|decode|decode_block|envelope_read|file_\w+|bitunpack|map_values|join_rows"
    r"|running_sums|crc32c|xxh64|hash_samples)(?=\()"
)
EXACT = {
    (name, "vcvtdq2ps")
    for name in ("n1_mixed_code_avx2", "read_one", "read_one_near", "read_two", "read_two_near", "read_many")
}
"""Integers below 2^24 turned into floats for the sake of their exponent: nothing is rounded."""
STACK, STACK_X86 = 9216, 11264
"""The most bytes of stack that a call takes: what n1.h promises without and with the vector kernels of x86-64."""

x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="reads instructions of x86-64: NOT checked here")


@pytest.fixture(scope="session")
def literal(shared: Path) -> str:
    LITERAL.require()
    return "".join(LITERAL.output(program, shared) for program in PROGRAMS)


def by_kernel(output: str) -> dict[str, list[str]]:
    """Return what n1's kernels gave, level by level."""
    found: dict[str, list[str]] = {}
    for kernel, rest in re.findall(r"^kernel (\w+) (.*)$", output, re.MULTILINE):
        found.setdefault(kernel, []).append(rest)
    return found


def test_every_kernel_writes_and_reads_the_same(literal: str) -> None:
    assert "broken" not in literal
    assert literal.count("\nstream ") >= 30
    kernels = by_kernel(literal)
    assert len(kernels["portable"]) == 10, "a line for each level, and one with code widths that are known"
    assert len({line.split()[3] for line in kernels["portable"]}) >= 7, "levels differ: the hashes tell something"
    for kernel, lines in kernels.items():
        assert lines == kernels["portable"], f"kernel {kernel}"


@pytest.mark.parametrize("build", OTHERS, ids=lambda build: build.name)
def test_every_machine_and_compiler_writes_and_reads_the_same(build: Build, literal: str, shared: Path) -> None:
    build.require()
    output = "".join(build.output(program, shared) for program in PROGRAMS)
    assert [line for line in output.splitlines() if "kernel" not in line] == [
        line for line in literal.splitlines() if "kernel" not in line
    ]
    for kernel, lines in by_kernel(output).items():
        assert lines == by_kernel(literal)["portable"], f"kernel {kernel}"


@pytest.mark.parametrize("build", [NATIVE, CLANG], ids=lambda build: build.name)
def test_the_core_stands_free(build: Build) -> None:
    """Without a warning, and it needs nothing but what every free-standing C has; it writes to no data of its own."""
    build.require()
    needed, written = symbols(build.objects())
    assert needed <= FREESTANDING | X86_ONLY
    assert not written


def decoders() -> set[str]:
    found = {name for header in (CORE / "include").rglob("*.h") for name in DECODERS.findall(header.read_text())}
    assert {"n1_decode_block", "n1_huffman_decode", "n1_lpc_restore", "n1_wavelet_inverse"} <= found
    return found


def linked(build: Build, objects: list[Path], entries: set[str], out: Path, *options: str) -> Path:
    """Link what is reached from the entries and nothing else."""
    roots = [f"-Wl,-u,{name}" for name in sorted(entries)]
    build.run(
        "-nostartfiles", "-static", "-Wl,--gc-sections", "-Wl,-e,n1_crc32c", *roots, *options, "-o", out, *objects
    )
    return out


@x86
def test_nothing_that_decoding_reaches_calculates_in_floating_point(tmp_path: Path) -> None:
    """With the vector kernels; the encoder's own floating point shows that the test can see some."""
    objects = NATIVE.objects()
    alone = ("-nodefaultlibs", "-Wl,--unresolved-symbols=ignore-all")
    encoders = floating_point(linked(NATIVE, objects, {"n1_encode_block"}, tmp_path / "encoders", *alone))
    assert "n1_fit_channel" in {function for function, _ in encoders}
    fused = {
        (function, instruction) for function, instruction in encoders if "fm" in instruction or "fnm" in instruction
    }
    assert not fused, "a fused multiply-add rounds once where other machines round twice"
    assert floating_point(linked(NATIVE, objects, decoders(), tmp_path / "decoders", *alone)) <= EXACT


def test_a_device_decodes_without_a_floating_point_unit(tmp_path: Path) -> None:
    """Files that do not compile for general registers alone are the encoder's: decoders link without them, and without all
    that the library of decoding alone is without."""
    DEVICE.require()
    fit = CORE / "src" / "modes" / "forward" / "fit.c"
    plain, floating = [], []
    for source in sorted({*sources()} - encoders() | {fit}):
        try:
            plain.append(DEVICE.object(source))
        except AssertionError as error:
            wrong = re.findall("error: .*", str(error))
            assert wrong
            assert all("-mgeneral-regs-only" in line for line in wrong), wrong
            floating.append(source)
    assert fit in floating, "the encoder's fit is what needs floating point: did the compiler look?"
    linked(DEVICE, plain, decoders(), tmp_path / "decoders")


@pytest.mark.parametrize(
    "build", [build for build in OTHERS if CALL_GRAPH in build.options], ids=lambda each: each.name
)
def test_no_call_takes_more_stack_than_promised(build: Build) -> None:
    """All memory is the caller's: a thread of an implant may have little of its own."""
    build.require()
    taken = stack(build.objects())
    most = STACK_X86 if build is NATIVE and platform.machine() == "x86_64" else STACK
    assert taken.keys() >= decoders() | {"n1_encode_block", "n1_lpc_moments"}
    assert {name: size for name, size in taken.items() if size > most} == {}


NARROW = Build("i686", "gcc", ("-m32", "-O1", "-msse2", "-mfpmath=sse"))
"""A machine with pointers of 32 bits whose programs this one runs."""
SIZES = ROOT / "tests" / "c" / "sizes.c"
OK, ARGUMENT = 0, 4


def require_narrow(folder: Path) -> None:
    """Skip the test if there is no C library of 32 bits."""
    probe = folder / "probe.c"
    probe.write_text("#include <stdio.h>\nint main(void) { return sizeof(void *) != 4; }\n")
    done = subprocess.run(["gcc", "-m32", probe, "-o", folder / "probe"], capture_output=True, check=False)
    if done.returncode or subprocess.run([folder / "probe"], check=False).returncode:
        pytest.skip("gcc -m32 makes no program that runs here (Debian: gcc-multilib): sizes of 32 bits are NOT checked")


@x86
def test_sizes_never_wrap_where_pointers_have_32_bits(shared: Path, tmp_path: Path) -> None:
    """What no memory there holds has no workspace and is refused both ways; all else takes about what it takes elsewhere."""
    require_narrow(tmp_path)
    PORTABLE.require()
    wide, narrow = (build.output(SIZES, shared).splitlines() for build in (PORTABLE, NARROW))
    assert len(wide) == len(narrow)
    for left, right in zip(wide, narrow, strict=True):
        if left.startswith("expgolomb"):
            pairs = zip(left.split()[2::2], right.split()[2::2], strict=True)
            assert all(int(b) == min(int(a), 2**32 - 1) for a, b in pairs), right
            continue
        channels, frames, kind, need, bound, *_ = map(int, left.split())
        told = [int(number) for number in right.split()]
        assert told[:3] == [channels, frames, kind]
        assert told[4] == bound
        if told[3] == 0 and frames:
            assert need > 0.9 * 2**31, right
            assert told[5] == ARGUMENT, right
            assert told[6] != OK, right  # a decoder takes less: what it is given is no block
        else:
            assert need == told[3] == 0 or 0.8 < told[3] / need < 1.1, (left, right)


@x86
def test_bytes_are_the_same_where_pointers_have_32_bits(shared: Path, tmp_path: Path, literal: str) -> None:
    require_narrow(tmp_path)
    said = "".join(NARROW.output(program, shared) for program in PROGRAMS)
    assert by_kernel(said)["portable"] == by_kernel(literal)["portable"]


@pytest.mark.parametrize("build", [NATIVE, PORTABLE], ids=lambda build: build.name)
def test_what_is_not_there_is_refused_and_a_fault_never_looks_like_a_poor_ratio(build: Build, shared: Path) -> None:
    """Kernels that a build lacks, workspaces a byte too small, modes whose memory is short; and small blocks take little."""
    build.require()
    said = build.output(LIMITS, shared)
    assert "broken" not in said, said


def test_a_build_without_kernels_writes_the_same(literal: str, shared: Path) -> None:
    PORTABLE.require()
    said = "".join(PORTABLE.output(program, shared) for program in PROGRAMS)
    assert by_kernel(said) == {"portable": by_kernel(literal)["portable"]}


@pytest.mark.parametrize("build", [LITERAL, NATIVE, PORTABLE], ids=lambda build: build.name)
def test_a_session_gives_the_same_bytes_however_its_frames_are_pushed(build: Build, shared: Path) -> None:
    build.require()
    said = build.output(SESSION, shared)
    assert "broken" not in said, said
    assert said == LITERAL.output(SESSION, shared), "other builds write packets of other sizes"


COUNT = ROOT / "tests" / "c" / "count.c"


@pytest.mark.parametrize("direction", ["encode", "decode"])
@pytest.mark.parametrize(("level", "channels"), [(1, 1), (1, 32), (5, 96)])
def test_neon_takes_at_most_half_of_the_portable_instructions(
    level: int, channels: int, direction: str, shared: Path
) -> None:
    AARCH64.require()
    sys.path.insert(0, str(ROOT / "scripts"))
    import count_instructions as count

    AARCH64.output(COUNT, shared)
    program = shared / AARCH64.name / COUNT.stem
    try:
        counter = count.plugin(shared / AARCH64.name)
        slow, fast = (
            count.per_sample(program, counter, each, level, channels, direction) for each in ("portable", "neon")
        )
    except subprocess.CalledProcessError as error:
        pytest.skip(
            f"the emulator takes no plugin (QEMU 5.2 to 8.2 does): instructions are NOT counted: {error.stderr}"
        )
    assert fast <= slow / 2

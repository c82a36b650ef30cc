"""Builds of the core without Python: compilers native and for other machines, and what runs the others' programs."""

from __future__ import annotations

import fcntl
import hashlib
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from conftest import ROOT

CORE = ROOT / "core"
KEPT = ROOT / "build" / "tested"
"""Where what tests build stays for the next run, which builds what has changed."""
DIALECT = ("-std=c11", "-ffp-contract=off", f"-I{CORE / 'include'}", f"-I{CORE / 'src'}")
"""What CMakeLists.txt compiles the core with, too."""
VECTORS = "src_kernels_x86_"
"""How the names of objects begin whose sources read the compiler's long header of vectors."""
STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")


CALL_GRAPH = "-fcallgraph-info=su"
"""GCC writes each file's functions, their frames on the stack and their calls beside its object."""


@contextmanager
def held(made: Path, *, patiently: bool = True) -> Iterator[None]:
    """Hold what is to be made: no other worker of the run makes it meanwhile.

    Raises
    ------
    BlockingIOError
        If another one holds it and is not to be waited for.
    """
    with made.with_name(f"{made.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if patiently else fcntl.LOCK_NB))
        yield


@dataclass(frozen=True)
class Build:
    """A compiler with its options, and the emulator of its machine."""

    name: str
    compiler: str
    options: tuple[str, ...] = ()
    emulator: str = ""

    def require(self) -> None:
        """Skip the test, and say which package would run it, if a tool is missing."""
        packages = {
            "clang": "clang",
            "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
            "s390x-linux-gnu-gcc": "gcc-s390x-linux-gnu libc6-dev-s390x-cross",
            "qemu-aarch64": "qemu-user",
            "qemu-s390x": "qemu-user",
        }
        for tool in filter(None, (self.compiler, self.emulator)):
            if not shutil.which(tool):
                pytest.skip(f"{tool} is not here (Debian: {packages.get(tool, tool)}): {self.name} is NOT checked")

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Call the compiler; what it has to say about an error is in the test's failure."""
        done = subprocess.run([self.compiler, *self.options, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{self.name}: {done.stderr[-4000:]}"
        return done

    @property
    def folder(self) -> Path:
        """Where the objects are."""
        return KEPT / self.name

    def objects(self) -> list[Path]:
        """Compile each source file of the core alone, unless it is as it was: workers that want it share the work."""
        left = made = [(source, self.folder / object_name(source)) for source in sources()]
        for patiently in (False, True):  # what another one is at, last
            left = [(source, out) for source, out in left if not self._compiled(source, out, patiently=patiently)]
        return [out for _, out in made]

    def object(self, source: Path) -> Path:
        """Compile one source file of the core, unless it is as it was."""
        out = self.folder / object_name(source)
        self._compiled(source, out, patiently=True)
        return out

    def _compiled(self, source: Path, out: Path, *, patiently: bool) -> bool:
        """Compile a file if nobody has; False if somebody is at it, and is not waited for."""
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            with held(out, patiently=patiently):
                stated, true = out.with_suffix(".from"), self._made_from(source)
                if not (out.exists() and stated.exists() and stated.read_text() == true):
                    stated.unlink(missing_ok=True)
                    known = self._vectors() if out.name.startswith(VECTORS) else ()
                    self.run(*DIALECT, *known, "-c", source, "-o", out)
                    stated.write_text(true)
        except BlockingIOError:
            return False
        return True

    def _vectors(self) -> tuple[str | Path, ...]:
        """Compile the header of vectors once: it takes longer to read than most files to compile."""
        header = self.folder / "vectors.h"
        made = header.with_suffix(".h.gch")
        with held(made):
            stated, true = header.with_suffix(".from"), self._made_from(None)
            if not (made.exists() and stated.exists() and stated.read_text() == true):
                header.write_text("#if defined __x86_64__ && !defined N1_SCALAR_ONLY\n#include <immintrin.h>\n#endif\n")
                self.run(*DIALECT, "-x", "c-header", header, "-o", made)
                stated.write_text(true)
        return ("-include", header)

    def _made_from(self, source: Path | None) -> str:
        """Return a digest of all that an object follows from."""
        parts = (
            compiler_and_machine(self.compiler),
            headers(),
            " ".join((*self.options, *DIALECT)),
            source.read_text() if source else "",
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def output(self, source: Path, shared: Path) -> str:
        """Compile a program together with the core and run it, in the emulator if it is for another machine; once a run."""
        objects = self.objects()
        said, program = (shared / self.name / f"{source.stem}{end}" for end in (".txt", ""))
        said.parent.mkdir(exist_ok=True)
        with held(said):
            if not said.exists():
                self.run(*DIALECT, "-o", program, source, *objects)
                command = [self.emulator] if self.emulator else []
                done = subprocess.run([*command, program], capture_output=True, text=True, timeout=300, check=False)
                assert done.returncode == 0, f"{self.name}: {done.stderr[-4000:]}"
                said.write_text(done.stdout)
            return said.read_text()


@cache
def compiler_and_machine(compiler: str) -> str:
    """Return what tells a compiler, and the machine that ``-march=native`` means, from others."""
    said = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    known = Path("/proc/cpuinfo")
    flags = re.search(r"^(flags|Features)\s*:.*$", known.read_text(), re.MULTILINE) if known.exists() else None
    return "\n".join((str(shutil.which(compiler)), said, platform.platform(), flags[0] if flags else ""))


@cache
def headers() -> str:
    """Return a digest of all headers of the core."""
    digest = hashlib.sha256()
    for path in sorted(CORE.rglob("*.h")):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


LITERAL = Build("gcc-O0", "gcc", ("-O0",))
"""Each operation as it is written: what all other builds are compared with."""


def object_name(source: Path) -> str:
    """Return a name for a file's object that no other file's has."""
    return "_".join(source.relative_to(CORE).parts) + ".o"


def sources() -> list[Path]:
    """Return the source files of the core."""
    return sorted((CORE / "src").rglob("*.c"))


def encoders() -> set[Path]:
    """Return the sources that a decoder does without: core/cmake/encoders.cmake says which."""
    pattern = re.search(r'N1_ENCODER_PATTERN "([^"]+)"', (CORE / "cmake" / "encoders.cmake").read_text())
    assert pattern
    return {source for source in sources() if re.search(pattern[1].replace("\\\\", "\\"), str(source))}


def symbols(objects: list[Path]) -> tuple[set[str], set[str]]:
    """Return the names that objects of any machine need from elsewhere, and those of data they write to."""
    listing = subprocess.run(["nm", *objects], capture_output=True, text=True, check=True).stdout
    kinds = re.findall(r"^[0-9a-f ]{16} ([A-Za-z]) (\S+)$", listing, re.MULTILINE)
    defined = {name for kind, name in kinds if kind not in "Uw"}
    return {name for kind, name in kinds if kind in "Uw"} - defined, {name for kind, name in kinds if kind in "bBdDC"}


FLOATING = re.compile(
    r"\t(v?(add|sub|mul|div|sqrt|min|max|round|u?comi|cmp\w*|fn?m(add|sub)\w*|h?(add|sub)|rcp\w*|rsqrt\w*|rndscale|dp)"
    r"[sp][sdh]|v?cvt\w+|f(i?(add|sub|mul|div|ld|st)\w*|sqrt|com\w*))\b"
)
"""Arithmetic, comparison and conversion of floating-point numbers on x86-64, as objdump names them."""


def floating_point(image: Path) -> set[tuple[str, str]]:
    """Return function and instruction, where a program for x86-64 contains floating point."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", image], capture_output=True, text=True, check=True)
    found, function = set(), ""
    for line in listing.stdout.splitlines():
        if heading := re.match(r"[0-9a-f]+ <(.+)>:", line):
            function = heading[1]
        elif instruction := FLOATING.search(line):
            found.add((function, instruction[1]))
    return found


CALLS_THE_CALLER = "n1_file_bytes"
"""The function that calls what a program gave to read a file with: its stack is its own affair."""


def stack(objects: list[Path]) -> dict[str, int]:
    """Return the bytes of stack that a call of each public function takes at most, with all functions it reaches."""
    frames: dict[str, int] = {}
    calls: dict[str, set[str]] = {}
    kernels: set[str] = set()
    """What is called through a pointer: the table of the kernels alone is."""
    decoding: set[str] = set()
    """Functions of files that decode: nothing else calls a kernel that does."""
    for file in (each.with_suffix(".ci") for each in objects):
        graph = file.read_text()
        if file.name.startswith("src_kernels_"):
            kernels |= set(re.findall(r'^node: \{ title: "(n1_\w+)"', graph, re.MULTILINE))
        if "decode" in file.name:
            decoding |= set(re.findall(r'^node: \{ title: "([^"]+)"', graph, re.MULTILINE))
        for name, label in re.findall(r'^node: \{ title: "([^"]+)" label: "([^"]+)"', graph, re.MULTILINE):
            if frame := re.search(r"(\d+) bytes \(static|(\d+) bytes \(dynamic,bounded", label):
                frames[name] = int(frame[1] or frame[2])
            assert "(dynamic)" not in label, f"{name}: no compiler knows how large it gets"
        for caller, called in re.findall(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', graph, re.MULTILINE):
            calls.setdefault(caller, set()).add(called)
    word = 8
    """What a call itself puts on the stack, at the most."""

    def depth(name: str, above: tuple[str, ...]) -> int:
        assert name not in above, f"{name} calls itself"
        if name == "__indirect_call" and above[-1] == CALLS_THE_CALLER:
            return 0
        if name == "__indirect_call":
            assert above[-1] not in kernels, f"{above[-1]} calls a kernel from a kernel"
            called = {each for each in kernels & frames.keys() if above[-1] in decoding or "_decode" not in each}
            return max(depth(each, above) for each in called)
        return (
            word + frames.get(name, 0) + max((depth(each, (*above, name)) for each in calls.get(name, ())), default=0)
        )

    return {name: depth(name, ()) for name in frames if name.startswith("n1_")}

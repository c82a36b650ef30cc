"""Make of the core's sources the encoder of each profile as one C file that needs nothing.

Usage::

    python scripts/make_firmware.py [FOLDER]      # build/firmware: n1_lite.c, n1_lite.h, n1_full.c, n1_full.h

Starts from firmware/lite.c and full.c, follows their includes, keeps what the functions of firmware/encoder.h need, makes all
but these static, and gives public names the profile's: n1_stream_encode becomes n1_lite_encode. Nothing is written by hand.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SEARCHED: Final = (ROOT / "firmware", ROOT / "core" / "include", ROOT / "core" / "src")
PROFILES: Final = ("lite", "full")
KEPT_HEADERS: Final = ("stdint.h", "stddef.h")
API: Final = "encoder.h"
ALWAYS: Final = ("N1_STREAM_KEY", "N1_STREAM_DESCRIBED", "N1_STREAM_STORED")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_STRINGS_AND_COMMENTS: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_UNSTATIC: Final = re.compile(
    r"(?!(?:N1_APART )?static|typedef|struct|enum|N1_INLINE|N1_PACKET_TARGET|_Static_assert|#)"
)


@dataclass
class Item:
    """A definition, declaration or directive at the top level of a file, with the comment above it."""

    text: str
    source: Path
    names: set[str] = field(default_factory=set)

    @property
    def code(self) -> str:
        """Return the text without comments."""
        return _STRINGS_AND_COMMENTS.sub("", self.text).strip()

    @property
    def public(self) -> bool:
        """Return whether it belongs into the header."""
        return "include" in self.source.parts or self.source.name == API

    @property
    def prototype(self) -> bool:
        """Return whether it only says that there is a function."""
        return bool(re.match(r"(?!typedef|static|extern|struct|enum|_Static|#)[^{=]*\([^{]*\);$", self.code, re.DOTALL))


def find(name: str) -> Path:
    for folder in SEARCHED:
        if (folder / name).is_file():
            return folder / name
    raise SystemExit(f"make_firmware: no file {name}")


def body(path: Path) -> list[str]:
    """Return a file's lines without what guards it against being included twice, and without C++."""
    text = path.read_text("utf-8")
    guarded = re.search(r"^#ifndef (\w+_H)\n#define \1\n", text, re.MULTILINE)
    end = text.rindex("#endif") if guarded else len(text)
    text = re.sub(r"\A/\*.*?\*/\n", "", text[guarded.end() if guarded else 0 : end], flags=re.DOTALL)
    text = re.sub(r"^#ifdef __cplusplus\n.*?^#endif\n", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^/\* What a shared library shows.*?^#endif\n", "", text, flags=re.DOTALL | re.MULTILINE)
    return text.replace("N1_API ", "").split("\n")


def taken(lines: list[str], at: int) -> int:
    """Return where the comment, directive or declaration ends that begins at a line."""
    first, depth = lines[at], 0
    for end in range(at, len(lines)):
        line = lines[end]
        if first.startswith("/*"):
            if "*/" in line:
                return end + 1
        elif first.startswith("#if"):
            depth += line.startswith("#if") - line.startswith("#endif")
            if not depth:
                return end + 1
        elif first.startswith("#"):
            if not line.endswith("\\"):
                return end + 1
        else:
            plain = re.sub(r"/\*.*?\*/", "", line).rstrip()
            depth += plain.count("{") - plain.count("}")
            if not depth and plain.endswith((";", "}")):
                return end + 1
    raise SystemExit(f"make_firmware: nothing ends what begins with: {first}")


def defined(code: str) -> set[str]:
    """Return the names that an item is looked for by."""
    if code.startswith("#"):
        return set(re.findall(r"#define (\w+)", code))
    names = set(re.findall(r"^(?:typedef )?(?:struct|enum) (\w+)", code))
    if re.match(r"(typedef )?enum", code):
        names |= set(re.findall(r"(\w+)(?:\s*=[^,}]*)?[,}]", code[code.index("{") :].replace("\n", " ")))
    if code.startswith("typedef"):
        names.add(re.findall(r"(\w+);$", code)[0])
    elif not code.startswith(("struct", "enum", "_Static_assert")):
        found = re.search(r"(\w+)\s*[(\[=;]", code.replace("__attribute__", ""))
        names |= {found[1]} if found else set()
    return names


def items(path: Path, seen: set[Path], headers: set[str]) -> list[Item]:
    """Return what a file holds, included files in their place, each once."""
    seen.add(path)
    lines, at, comment, out = body(path), 0, "", []
    while at < len(lines):
        if not lines[at].strip():
            comment, at = "", at + 1
            continue
        end = taken(lines, at)
        text = "\n".join(lines[at:end])
        included = re.match(r'#include [<"]([^>"]+)[>"]', text)
        if included and "<" in text:
            headers |= {included[1]} & set(KEPT_HEADERS)
        elif included:
            other = find(included[1])
            out += [] if other in seen else items(other, seen, headers)
        elif text.startswith("/*"):
            comment = text + "\n"
        else:
            item = Item(comment + text, path)
            item.names = defined(item.code)
            out.append(item)
        if not text.startswith("/*"):
            comment = ""
        at = end
    return out


def needed(found: list[Item]) -> list[Item]:
    """Return what the functions of the header need, in order."""
    usable = [item for item in found if not item.prototype or item.source.name == API]
    by_name: dict[str, list[Item]] = {}
    for item in usable:
        for name in item.names:
            by_name.setdefault(name, []).append(item)
    wanted = [*ALWAYS, *(name for item in usable if item.source.name == API for name in item.names)]
    known: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in known:
            known.add(name)
            wanted += [other for item in by_name.get(name, ()) for other in _NAME.findall(item.code)]

    def kept(item: Item) -> bool:
        if item.code.startswith("_Static_assert"):
            return all(name in known or name not in by_name for name in _NAME.findall(item.code))
        return bool(item.names & known)

    return [item for item in usable if kept(item)]


def private(item: Item, api: set[str]) -> str:
    """Return an item's text; what is no part of the header is seen in this file alone."""
    text = re.sub(r"^extern const", "static const", item.text, flags=re.MULTILINE)
    text = re.sub(r"^const ", "static const ", text, flags=re.MULTILINE)
    code = item.code
    if item.names & api or not re.match(r"[\w\s*]+\([^;{]*\)\s*\{", code) or not _UNSTATIC.match(code):
        return text
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if line == code.split("\n")[0])
    stop = next(i for i in range(start, len(lines)) if "{" in lines[i])
    wider = [" " * 7 + line if line.startswith(" ") else line for line in lines[start + 1 : stop]]
    return "\n".join([*lines[:start], "static " + lines[start], *wider, *lines[max(stop, start + 1) :]])


def renamed(text: str, profile: str) -> str:
    """Give public names the profile's, so that both encoders and the library can be in one program."""
    for old, new in (("n1_stream_", "n1_%s_"), ("N1_STREAM_", "N1_%s_"), ("n1_status", "n1_%s_status"), ("n1_type", "n1_%s_type"),
                     ("N1_OK", "N1_%s_OK"), ("N1_ERROR_", "N1_%s_ERROR_"), ("N1_UINT", "N1_%s_UINT"), ("N1_INT", "N1_%s_INT")):  # fmt: skip
        if old == "N1_INT":
            text = re.sub(r"\bN1_INT(?=\d)", new % profile.upper(), text)
        else:
            text = re.sub(rf"\b{old}", new % (profile if old.islower() else profile.upper()), text)
    return text


def joined(texts: list[str]) -> str:
    """Return items one below the other, macros without a gap."""
    text = "\n\n".join(texts)
    return re.sub(r"^(#define [^\n]*[^\\\n])\n\n(?=#define)", r"\1\n", text, flags=re.MULTILINE) + "\n"


def make(profile: str, folder: Path) -> None:
    """Write the two files of a profile."""
    seen: set[Path] = set()
    headers: set[str] = set()
    found = needed(items(ROOT / "firmware" / f"{profile}.c", seen, headers))
    api = {name for item in found if item.source.name == API for name in item.names}
    head = [item.text for item in found if item.public and item.source.suffix == ".h"]
    rest = [private(item, api) for item in found if not item.public]
    name = f"n1_{profile}"
    made = "Made by scripts/make_firmware.py of n1codec's core."
    intro = re.search(r"\A/\*(.*?)\*/", find(API).read_text("utf-8"), re.DOTALL)
    assert intro
    guard = f"{name.upper()}_H"
    includes = "".join(f"#include <{each}>\n" for each in sorted(headers))
    cpp = ('#ifdef __cplusplus\nextern "C" {\n#endif\n', "#ifdef __cplusplus\n}\n#endif\n")
    public = f"/* {name}.h - {made}\n *\n *{intro[1].replace('stream_', profile + '_', 0)}*/\n#ifndef {guard}\n#define {guard}\n{includes}\n{cpp[0]}\n"
    public += joined(head) + f"\n{cpp[1]}#endif\n"
    source = f'/* {name}.c - {made} */\n#include "{name}.h"\n\n' + joined(rest)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.h").write_text(renamed(public, profile), "utf-8")
    (folder / f"{name}.c").write_text(renamed(source, profile), "utf-8")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "firmware"
    for profile in PROFILES:
        make(profile, folder)
        print(f"{folder / f'n1_{profile}.c'}: {len((folder / f'n1_{profile}.c').read_bytes()):,} bytes")


if __name__ == "__main__":
    main()

"""Write the constant tables of the n1 format as JSON, from the C sources, or say that the file is stale.

    python scripts/make_reference_tables.py [--check]

`docs/format/reference/n1reference/n1/tables.json` is what docs/format/n1.md calls the tables: a decoder needs no others. Tables that have a
formula are checked against it in tests/bytes/test_reference.py; the rest were learned and are what they are.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "format" / "reference" / "n1reference" / "n1" / "tables.json"
SOURCES = {
    "core/src/predict/law_tables.c": {"laws": "n1_law_tables"},
    "core/src/base/octaves.h": {"exp2_16th": "n1_exp2_16th"},
    "core/src/base/tables.c": {
        "normal": "N1_NORMAL",
        "normal_inv": "N1_NORMAL_INV",
        "log2": "N1_LOG2",
        "inv_sigma": "N1_INV_SIGMA",
        "squash": "N1_SQUASH",
    },
    "core/src/converter/nlink_widths.c": {"prior_n1": "n1_nlink_sixteenths", "widths_n1": "n1_nlink_sixty_fourths"},
    "core/src/modes/piecewise/piece_tables.c": {
        "pieces": "n1_piece_laws",
        "powers": "n1_piece_powers",
        "corrected": "n1_piece_corrected",
    },
    "core/src/modes/packet/packet_tables.c": {
        "packet_law": "n1_packet_law",
        "packet_inverse": "n1_packet_inverse",
        "packet_nlink": "n1_packet_nlink",
    },
}


def table(text: str, name: str) -> Any:
    """Return the initialiser of a C array as nested lists."""
    match = re.search(rf"\b{name}(?:\[[^]]*\])+ = (\{{.*?\}});", text, re.DOTALL)
    if match is None:
        raise SystemExit(f"no table {name}")
    plain = re.sub(r"/\*.*?\*/", "", match[1])
    return json.loads(re.sub(r",\s*\}", "}", plain).replace("{", "[").replace("}", "]").replace("\n", " "))


def tables() -> str:
    """Return the JSON text."""
    lines = []
    for path, names in SOURCES.items():
        text = (ROOT / path).read_text()
        lines += [f'"{key}": {json.dumps(table(text, name), separators=(",", ":"))}' for key, name in names.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Write the file, or compare it."""
    text = tables()
    if "--check" in sys.argv[1:]:
        if OUT.read_text("ascii") != text:
            raise SystemExit(f"{OUT} is stale: run {Path(__file__).name}")
        return
    OUT.write_text(text, "ascii")


if __name__ == "__main__":
    main()

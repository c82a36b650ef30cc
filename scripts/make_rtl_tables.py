"""Write the ROMs of rtl/ as Verilog, from the core's tables of packets.

Usage::

    python scripts/make_rtl_tables.py > build/rtl/roms.v

Modules `law`, `edges_even`, `edges_odd` and `mantissas`. What is told shorter than in the core is checked against every entry:
the law above its middle is the rest of what is below it, but for a few entries; scales are 8 mantissas, shifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from make_reference_tables import ROOT, table

TABLES: Final = ROOT / "core" / "src" / "modes" / "packet" / "packet_tables.c"
MIDDLE: Final = 1024


def rom(name: str, note: str, at_bits: int, value_bits: int, values: Sequence[int]) -> str:
    """Return a module of a table, which simulators look up and synthesis makes gates of."""
    return "\n".join(
        (
            f"// {note}",
            f"module {name} (input wire [{at_bits - 1}:0] at, output wire [{value_bits - 1}:0] value);",
            f"    reg [{value_bits - 1}:0] table_ [0:{len(values) - 1}];",
            "    initial begin",
            *(f"        table_[{at}] = {value_bits}'d{value};" for at, value in enumerate(values)),
            "    end",
            "    assign value = table_[at];",
            "endmodule",
            "",
        )
    )


def folded(law: Sequence[int]) -> tuple[int, list[int]]:
    """Return what an entry and the one opposite make together, and by how much more some do, by the lower one's place."""
    both = min(law[i] + law[2 * MIDDLE - i] for i in range(1, MIDDLE))
    more = [0, *(law[i] + law[2 * MIDDLE - i] - both for i in range(1, MIDDLE))]
    assert set(more) <= {0, 1}, "the two halves of the law are no longer alike"
    return both, more


def law_modules(law: Sequence[int]) -> str:
    """Return the law as a ROM of its lower half, the places of what does not fold, and the module that joins them."""
    both, more = folded(law)
    return "\n".join(
        (
            rom("law_half", "Below the middle.", 10, 16, law[:MIDDLE]),
            rom("law_more", "Where the upper half is one more.", 10, 1, more),
            "module law (input wire [10:0] at, output wire [15:0] value);",
            "    wire        up = at[10] & |at[9:0];",
            "    wire [9:0]  fold = up ? -at[9:0] : at[9:0];",
            "    wire [15:0] half;",
            "    wire        more;",
            "    law_half halves (.at(fold), .value(half));",
            "    law_more extras (.at(fold), .value(more));",
            f"    assign value = up ? 16'd{both % 65536} - half + {{15'd0, more}} : at[10] ? 16'd{law[MIDDLE]} : half;",
            "endmodule",
            "",
        )
    )


def mantissas(inverse: Sequence[int]) -> Sequence[int]:
    """Return the mantissas of the inverse scales: entry s is mantissa s mod 8, times 2^(7 - s div 8)."""
    found = inverse[56:64]
    assert all(inverse[s] == found[s % 8] << (7 - s // 8) for s in range(64)), "scales are no longer mantissas, shifted"
    return found


def roms() -> str:
    """Return the Verilog of all tables."""
    text = TABLES.read_text("utf-8")
    law, inverse, edges = (table(text, f"n1_packet_{name}") for name in ("law", "inverse", "nlink"))
    assert (len(law), len(inverse), len(edges)) == (2048, 64, 1025)
    return "\n".join(
        (
            f"// Made by scripts/make_rtl_tables.py from {TABLES.relative_to(ROOT)}.\n",
            law_modules(law),
            rom("edges_even", "Edges of even number.", 10, 16, edges[0::2]),
            rom("edges_odd", "Edges of odd number.", 9, 16, edges[1::2]),
            rom("mantissas", "Inverse scales of one octave.", 3, 8, mantissas(inverse)),
        )
    )


if __name__ == "__main__":
    print(roms())

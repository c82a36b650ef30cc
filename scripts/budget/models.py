"""Instructions to cycles: what the makers' tables say of memory without wait states. A model, no measurement of silicon.

Cortex-M4: Arm 100166, "Cortex-M4 Processor Technical Reference Manual", table 3-1. A load takes two cycles, or one directly
behind another load or store (they pipeline); a store one; several registers one and one each; a taken branch one and P, with P
= 2 of the 1 to 3 that the table gives; a multiplication one, of 64 bits too; IT one; all else one. Nothing here divides.

RV32IMC: the CV32E40P User Manual (OpenHW Group), "Cycle counts per instruction type". All take one cycle, but mulh, mulhsu and
mulhu five, jumps two, taken branches three; one more where the instruction behind a load uses what it loaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

REFILL: Final = 2
"""P of the Cortex-M4's table."""


@dataclass(frozen=True)
class Cost:
    """Of a stretch of instructions that ends in a branch, or does not."""

    instructions: int
    cycles: int
    taken: int
    """More cycles where it goes on elsewhere than behind its end."""


def _registers(operands: str) -> int:
    listed = re.search(r"\{([^}]*)\}", operands)
    count = 0
    for part in (listed[1] if listed else "").split(","):
        ends = re.findall(r"r(\d+)", part)
        count += int(ends[1]) - int(ends[0]) + 1 if len(ends) == 2 else 1
    return count


def cortex_m4(code: list[Any]) -> Cost:
    cycles, taken, memory = 0, 0, False
    for each in code:
        name, operands = each.mnemonic.split(".")[0], each.op_str
        was, memory = memory, False
        if name.startswith(("push", "pop", "ldm", "stm")):
            cycles += 1 + _registers(operands)
            taken = REFILL if "pc" in operands else taken
        elif name.startswith(("ldrd", "strd")):
            cycles += 3
        elif name.startswith("ldr"):
            cycles, memory = cycles + (1 if was else 2), True
        elif name.startswith("str"):
            cycles, memory = cycles + 1, True
        elif name.startswith(("sdiv", "udiv")):
            raise RuntimeError("a division: there must be none")
        else:
            cycles += 1
            if re.fullmatch(r"(b|bl|bx|blx|cbz|cbnz|tbb|tbh)(eq|ne|cs|cc|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?", name):
                taken = REFILL
    return Cost(len(code), cycles, taken)


_BRANCH: Final = re.compile(r"(c\.)?b(eq|ne|lt|ge|gt|le|ltu|geu|eqz|nez|lez|gez|ltz|gtz)z?$")
_JUMP: Final = re.compile(r"(c\.)?(j|jr|jal|jalr|ret)$")


def cv32e40p(code: list[Any]) -> Cost:
    cycles, taken, loaded = 0, 0, ""
    for each in code:
        name, operands = each.mnemonic, [part.strip() for part in re.split(r"[,()]", each.op_str)]
        plain = name.removeprefix("c.")
        if plain.startswith(("div", "rem")):
            raise RuntimeError("a division: there must be none")
        cycles += 5 if plain.startswith("mulh") else 2 if _JUMP.match(name) else 1
        uses = operands if plain.startswith(("sw", "sh", "sb", "b")) or name.startswith("c.") else operands[1:]
        cycles += bool(loaded) and loaded in uses
        loaded = operands[0] if re.fullmatch(r"l(w|h|b|hu|bu)(sp)?", plain) else ""
        if _BRANCH.match(name):
            taken = 2
    return Cost(len(code), cycles, taken)

"""A small processor under unicorn, whose instructions can be counted."""

from __future__ import annotations

import importlib
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from budget import models
from budget.elf import Elf

CODE, CODE_SIZE = 0x10000, 1 << 20
MEMORY, MEMORY_SIZE = 0x2000_0000, 16 << 20
STACK, STACK_SIZE = 0x3000_0000, 1 << 16
RETURN: Final = 0x8000
_FILL: Final = 0xA5
CRC: Final = "n1_crc32c"


@dataclass
class Counted:
    """Instructions and modelled cycles, the check sum's apart."""

    instructions: int = 0
    cycles: int = 0
    crc_instructions: int = 0
    crc_cycles: int = 0
    functions: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            self.instructions + other.instructions,
            self.cycles + other.cycles,
            self.crc_instructions + other.crc_instructions,
            self.crc_cycles + other.crc_cycles,
            self.functions + other.functions,
        )


class Machine:
    """A processor with an image loaded."""

    def __init__(self, target: str, image: Path) -> None:
        cs: Any = importlib.import_module("capstone")
        uc: Any = importlib.import_module("unicorn")

        self._uc = uc
        if target == "m4":
            names: Any = importlib.import_module("unicorn.arm_const")
            self._machine = uc.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
            self._machine.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_M4)
            self._first, self._sp, self._link = names.UC_ARM_REG_R0, names.UC_ARM_REG_SP, names.UC_ARM_REG_LR
            self._reader = cs.Cs(cs.CS_ARCH_ARM, cs.CS_MODE_THUMB | cs.CS_MODE_MCLASS)
            self._model: Callable[[list[Any]], models.Cost] = models.cortex_m4
        else:
            risc: Any = importlib.import_module("unicorn.riscv_const")
            self._machine = uc.Uc(uc.UC_ARCH_RISCV, uc.UC_MODE_RISCV32)
            self._first, self._sp, self._link = risc.UC_RISCV_REG_A0, risc.UC_RISCV_REG_SP, risc.UC_RISCV_REG_RA
            self._reader = cs.Cs(cs.CS_ARCH_RISCV, cs.CS_MODE_RISCV32 | cs.CS_MODE_RISCVC)
            self._model = models.cv32e40p
        self._thumb = int(target == "m4")
        for begin, size in ((CODE, CODE_SIZE), (MEMORY, MEMORY_SIZE), (STACK, STACK_SIZE), (RETURN, 4096)):
            self._machine.mem_map(begin, size)
        elf = Elf(image)
        for address, data in elf.contents():
            self._machine.mem_write(address, data)
        self._functions = elf.functions()
        self._addresses = {each.name: each.begin for each in self._functions}
        self._machine.mem_write(STACK, bytes([_FILL]) * STACK_SIZE)
        self._free = MEMORY
        self._blocks: dict[tuple[int, int], models.Cost] = {}
        self._steps: Counter[tuple[int, int, int]] = Counter()
        self._last = (0, 0)

    def room(self, size: int) -> int:
        """Return the address of memory, aligned to 64 bytes."""
        at, self._free = self._free, self._free + (size + 63) // 64 * 64
        if self._free > MEMORY + MEMORY_SIZE:
            raise RuntimeError("the emulated memory is too small")
        return at

    def write(self, at: int, data: bytes) -> None:
        """Put bytes into memory."""
        self._machine.mem_write(at, data)

    def words(self, at: int, values: Sequence[int]) -> None:
        """Put words of 32 bits into memory."""
        self.write(at, struct.pack(f"<{len(values)}I", *values))

    def read(self, at: int, size: int) -> bytes:
        """Return what lies in memory."""
        return bytes(self._machine.mem_read(at, size))

    def call(self, name: str, argument: int) -> int:
        """Call a function of one argument."""
        self._machine.reg_write(self._first, argument)
        self._machine.reg_write(self._sp, STACK + STACK_SIZE - 64)
        self._machine.reg_write(self._link, RETURN | self._thumb)
        self._machine.emu_start(self._addresses[name] | self._thumb, RETURN)
        return int(self._machine.reg_read(self._first)) & 0xFFFFFFFF

    @property
    def stack(self) -> int:
        """Most bytes of stack that were written so far."""
        used = self.read(STACK, STACK_SIZE - 64).lstrip(bytes([_FILL]))
        return len(used)

    def counted(self, name: str, argument: int) -> tuple[int, Counted]:
        """Call a function and count."""
        self._steps.clear()
        self._last = (0, 0)
        steps = self._steps

        def step(_uc: object, address: int, size: int, _data: object) -> None:
            last = self._last
            steps[last[0], last[1], address] += 1
            self._last = (address, size)

        self._machine.ctl_flush_tb()
        hook = self._machine.hook_add(self._uc.UC_HOOK_BLOCK, step)
        result = self.call(name, argument)
        self._machine.hook_del(hook)
        self._machine.ctl_flush_tb()
        steps[(*self._last, RETURN)] += 1
        return result, self._sum()

    def _cost(self, address: int, size: int) -> models.Cost:
        key = (address, size)
        if key not in self._blocks:
            code = list(self._reader.disasm(self.read(address, size), address))
            if sum(each.size for each in code) != size:
                raise RuntimeError(f"{size} bytes at {address:#x} are no instructions")
            self._blocks[key] = self._model(code)
        return self._blocks[key]

    def _sum(self) -> Counted:
        out = Counted()
        for (address, size, follows), times in self._steps.items():
            if not size:
                continue
            cost = self._cost(address, size)
            function = next((each.name for each in self._functions if each.begin <= address < each.end), "?")
            instructions = cost.instructions * times
            cycles = (cost.cycles + (cost.taken if follows != address + size else 0)) * times
            out.functions[function] += instructions
            if function.startswith(CRC):
                out.crc_instructions += instructions
                out.crc_cycles += cycles
            else:
                out.instructions += instructions
                out.cycles += cycles
        return out

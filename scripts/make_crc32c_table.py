"""Print core/src/base/crc32c_table.h: the eight tables of CRC32C, one for each byte of a 64-bit word.

Usage: ``python scripts/make_crc32c_table.py > core/src/base/crc32c_table.h``
"""

POLYNOMIAL = 0x82F63B78  # Castagnoli, reflected


def tables() -> list[list[int]]:
    first = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (POLYNOMIAL if crc & 1 else 0)
        first.append(crc)
    out = [first]
    for _ in range(7):
        out.append([first[crc & 0xFF] ^ (crc >> 8) for crc in out[-1]])
    return out


def main() -> None:
    print(
        "/* crc32c_table.h - made by scripts/make_crc32c_table.py: table[k][b] is the CRC of byte b followed by k zeros. */"
    )
    print("#ifndef N1_CRC32C_TABLE_H\n#define N1_CRC32C_TABLE_H\n\n#include <stdint.h>\n")
    print("static const uint32_t n1_crc32c_table[8][256] = {")
    for table in tables():
        rows = [", ".join(f"0x{value:08X}" for value in table[at : at + 8]) for at in range(0, 256, 8)]
        print("    {" + ",\n     ".join(rows) + "},")
    print("};\n\n#endif")


if __name__ == "__main__":
    main()

/* crc32c.h - the checksum of packets, for little flash. */
#ifndef N1_FIRMWARE_CRC32C_H
#define N1_FIRMWARE_CRC32C_H
#include "base/inline.h"
#include "n1/n1.h"

/* CRC32C by halves of bytes: 64 bytes of table. Entry n is that of the byte 16 n in core/src/base/crc32c_table.h. */
static const uint32_t n1_firmware_crc[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
    0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

N1_APART uint32_t n1_crc32c(uint32_t crc, const void *data, size_t len)
{
    const uint8_t *p = data;
    crc = ~crc;
    for (; len; len--) {
        crc ^= *p++;
        crc = n1_firmware_crc[crc & 15U] ^ crc >> 4;
        crc = n1_firmware_crc[crc & 15U] ^ crc >> 4;
    }
    return ~crc;
}

#endif

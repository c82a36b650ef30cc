/* The lite profile, alone. */
#include "modes/packet/packet_tables.c"
#include "crc32c.h"
#include "wire/stream_head.c"
#include "modes/packet/packet_lite_encode_loops.h"
#define N1_FIRMWARE_PROFILE N1_STREAM_LITE
#define n1_firmware_state   n1_packet_lite
#define n1_firmware_body    n1_packet_lite_encode_loops
#define n1_firmware_scale   n1_packet_lite_measured
#include "session.h"

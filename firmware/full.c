/* The full profile, alone. */
#include "modes/packet/packet_tables.c"
#include "crc32c.h"
#include "wire/stream_head.c"
#define N1_PACKET_FULL_FEATURES n1_packet_features
#define N1_PACKET_FULL_NEAR     n1_packet_near
#define N1_PACKET_FULL_MEAN     n1_packet_full_mean
#define N1_PACKET_FULL_LEARN    n1_packet_full_learn
#include "modes/packet/packet_full_encode_loops.h"
#define N1_FIRMWARE_PROFILE N1_STREAM_FULL
#define n1_firmware_state   n1_packet_full
#define n1_firmware_body    n1_packet_full_encode_loops
#define n1_firmware_scale(s, frames) n1_packet_full_scale(s)
#include "session.h"

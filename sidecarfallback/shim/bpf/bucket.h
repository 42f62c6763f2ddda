/* The hash that shares conversations out among instances: CRC-32 as in Ethernet, over the
 * conversation's ends in order. */
#pragma once

/* crc_tables[k][b] is what byte b contributes when k more bytes follow in the word. Filled in before loading. */
const volatile __u32 crc_tables[4][256];

static __always_inline __u32 crc_word(__u32 crc, __u32 word)
{
	crc ^= word;
	return crc_tables[3][crc & 255] ^ crc_tables[2][crc >> 8 & 255] ^ crc_tables[1][crc >> 16 & 255] ^ crc_tables[0][crc >> 24];
}

/* The first byte of the frame is the lowest of the word. */
static __always_inline __u32 little(__u32 network_order)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return network_order;
#else
	return __builtin_bswap32(network_order);
#endif
}

static __always_inline __u32 bucket_of(const union addr *low, const union addr *high, __u16 low_port, __u16 high_port, __u8 proto)
{
	__u32 crc = 0xFFFFFFFF;
	for (int i = 0; i < 4; i++)
		crc = crc_word(crc, little(low->w[i]));
	for (int i = 0; i < 4; i++)
		crc = crc_word(crc, little(high->w[i]));
	__u32 ports = (__u32)(low_port >> 8) | (__u32)(low_port & 255) << 8 | (__u32)(high_port >> 8) << 16 | (__u32)(high_port & 255) << 24;
	crc = crc_word(crc, ports);
	crc = crc_tables[0][(crc ^ proto) & 255] ^ crc >> 8;
	return ~crc & 255;
}

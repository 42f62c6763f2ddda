/* What frames look like. Names and numbers are those of p4/headers.p4 and p4/shim.p4. */
#pragma once

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP  0x0806
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_IPV6 0x86DD
#define ETHERTYPE_NSH  0x894F

#define PROTO_HOPOPT   0
#define PROTO_ICMP     1
#define PROTO_IGMP     2
#define PROTO_TCP      6
#define PROTO_UDP      17
#define PROTO_ROUTING  43
#define PROTO_FRAGMENT 44
#define PROTO_ICMPV6   58
#define PROTO_DSTOPTS  60
#define PROTO_MOBILITY 135
#define PROTO_HIP      139
#define PROTO_SHIM6    140

#define ICMPV6_NS 135
#define ICMPV6_NA 136

#define SPI_PLAIN 0xFFFFFF
#define SI_FIRST  255
#define NSH_TTL   63
#define FLAG_COPY 1

#define PORT_HOST    1
#define PORT_NETWORK 2

#define ROLE_ENDPOINT 1
#define ROLE_FABRIC   3

enum drop {
	DROP_MALFORMED     = 0,
	DROP_PORT          = 1,
	DROP_ENCAPSULATION = 2,
	DROP_TTL           = 3,
	DROP_PROTOCOL      = 4,
	DROP_SOURCE        = 5,
	DROP_DESTINATION   = 6,
	DROP_MAC           = 7,
	DROP_POLICY        = 8,
	DROP_FRAGMENT      = 9,
	DROP_MEMBERSHIP    = 10,
	DROP_MULTICAST     = 11,
	DROP_CLOSED        = 13,
	DROP_PATH          = 14,
	DROP_ROUTE         = 15,
	DROP_RESOLUTION    = 16,
	DROP_KERNEL        = 31, /* not in the P4 program: a helper of the kernel failed, for want of memory */
};

/* An address in network byte order: IPv6, or IPv4 in its v4-mapped form. */
union addr {
	__u8  b[16];
	__u16 h[8];
	__u32 w[4];
	__u64 q[2];
};

struct ethernet {
	__u8   dst[6];
	__u8   src[6];
	__be16 type;
} __attribute__((packed));

/* RFC 8300, MD type 1, behind its Ethernet header: docs/wire.md. */
struct nsh {
	__be16 base;   /* version 2, oam 1, reserved 1, ttl 6, length 6 */
	__u8   md;     /* reserved 4, MD type 4 */
	__u8   next;
	__be32 path;   /* SPI 24, SI 8 */
	__u8   rules;
	__u8   flags;
	__be16 tree;
	__be32 tenant;
	__be32 identity;
	__be16 bucket;
	__be16 reserved;
} __attribute__((packed));

struct encapsulation {
	struct ethernet ethernet;
	struct nsh      nsh;
} __attribute__((packed));

struct arp {
	__be16 hardware;
	__be16 protocol;
	__u8   hardware_len;
	__u8   protocol_len;
	__be16 operation;
	__u8   sender_mac[6];
	__be32 sender_ip;
	__u8   target_mac[6];
	__be32 target_ip;
} __attribute__((packed));

struct ipv4 {
	__u8   version_ihl;
	__u8   tos;
	__be16 length;
	__be16 id;
	__be16 flags_offset;
	__u8   ttl;
	__u8   protocol;
	__be16 checksum;
	__be32 src;
	__be32 dst;
} __attribute__((packed));

struct ipv6 {
	__be32 version_class_flow;
	__be16 payload_len;
	__u8   next;
	__u8   hop_limit;
	__be32 src[4];
	__be32 dst[4];
} __attribute__((packed));

struct ipv6_fragment {
	__u8   next;
	__u8   reserved;
	__be16 offset; /* offset 13, reserved 2, more 1 */
	__be32 id;
} __attribute__((packed));

struct tcp {
	__be16 src;
	__be16 dst;
	__be32 seq;
	__be32 ack_no;
	__u8   data_offset; /* and 4 reserved bits */
	__u8   flags;
	__be16 window;
	__be16 checksum;
	__be16 urgent;
} __attribute__((packed));

#define TCP_SYN 0x02
#define TCP_ACK 0x10

struct udp {
	__be16 src;
	__be16 dst;
	__be16 length;
	__be16 checksum;
} __attribute__((packed));

struct icmp {
	__u8   type;
	__u8   code;
	__be16 checksum;
	__be32 rest;
} __attribute__((packed));

struct nd_option {
	__u8 type;
	__u8 length; /* in 8 bytes */
	__u8 mac[6];
} __attribute__((packed));

static __always_inline void copy_mac(__u8 *to, const __u8 *from)
{
	__builtin_memcpy(to, from, 6);
}

static __always_inline int same_mac(const __u8 *a, const __u8 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3] && a[4] == b[4] && a[5] == b[5];
}

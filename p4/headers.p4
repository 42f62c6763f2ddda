/* Headers that pillion.p4 reads and writes. Field order is wire order. */

const bit<16> ETHERTYPE_IPV4 = 0x0800;
const bit<16> ETHERTYPE_ARP  = 0x0806;
const bit<16> ETHERTYPE_IPV6 = 0x86DD;
const bit<16> ETHERTYPE_NSH  = 0x894F;

const bit<8> PROTO_HOPOPT   = 0;
const bit<8> PROTO_ICMP     = 1;
const bit<8> PROTO_IGMP     = 2;
const bit<8> PROTO_TCP      = 6;
const bit<8> PROTO_UDP      = 17;
const bit<8> PROTO_ROUTING  = 43;
const bit<8> PROTO_FRAGMENT = 44;
const bit<8> PROTO_ICMPV6   = 58;
const bit<8> PROTO_DSTOPTS  = 60;
const bit<8> PROTO_MOBILITY = 135;
const bit<8> PROTO_HIP      = 139;
const bit<8> PROTO_SHIM6    = 140;

const bit<8> ICMPV6_NS = 135;
const bit<8> ICMPV6_NA = 136;

typedef bit<48>  mac_t;
typedef bit<128> addr_t; // IPv6, or IPv4 in its v4-mapped form ::ffff:a.b.c.d

header ethernet_t {
    mac_t   dst;
    mac_t   src;
    bit<16> type;
}

/* RFC 8300, MD type 1. The four context words are ours: docs/wire.md. */
header nsh_t {
    bit<2>  version;
    bit<1>  oam;
    bit<1>  reserved0;
    bit<6>  ttl;
    bit<6>  length;      // in 4-byte words: 6
    bit<4>  reserved1;
    bit<4>  md_type;     // 1
    bit<8>  next;        // 3: Ethernet
    bit<24> spi;
    bit<8>  si;
    bit<8>  rules;       // version of the rules that classified this packet
    bit<8>  flags;       // bit 0: a copy for a tap
    bit<16> tree;
    bit<32> tenant;
    bit<32> identity;    // of the source
    bit<16> bucket;
    bit<16> reserved2;
}

header arp_t {
    bit<16> hardware;
    bit<16> protocol;
    bit<8>  hardware_len;
    bit<8>  protocol_len;
    bit<16> operation;
    mac_t   sender_mac;
    bit<32> sender_ip;
    mac_t   target_mac;
    bit<32> target_ip;
}

header ipv4_t {
    bit<4>  version;
    bit<4>  ihl;
    bit<8>  tos;
    bit<16> length;
    bit<16> id;
    bit<3>  flags;
    bit<13> offset;
    bit<8>  ttl;
    bit<8>  protocol;
    bit<16> checksum;
    bit<32> src;
    bit<32> dst;
}

header ipv4_options_t {
    varbit<320> data;
}

header ipv6_t {
    bit<4>   version;
    bit<8>   traffic_class;
    bit<20>  flow_label;
    bit<16>  payload_len;
    bit<8>   next;
    bit<8>   hop_limit;
    bit<128> src;
    bit<128> dst;
}

header ipv6_fragment_t {
    bit<8>  next;
    bit<8>  reserved0;
    bit<13> offset;
    bit<2>  reserved1;
    bit<1>  more;
    bit<32> id;
}

header tcp_t {
    bit<16> src;
    bit<16> dst;
    bit<32> seq;
    bit<32> ack_no;
    bit<4>  data_offset;
    bit<4>  reserved;
    bit<1>  cwr;
    bit<1>  ece;
    bit<1>  urg;
    bit<1>  ack;
    bit<1>  psh;
    bit<1>  rst;
    bit<1>  syn;
    bit<1>  fin;
    bit<16> window;
    bit<16> checksum;
    bit<16> urgent;
}

header udp_t {
    bit<16> src;
    bit<16> dst;
    bit<16> length;
    bit<16> checksum;
}

/* ICMP and ICMPv6 alike: the second word means something else per type. */
header icmp_t {
    bit<8>  type;
    bit<8>  code;
    bit<16> checksum;
    bit<32> rest;
}

/* RFC 4861: the body of a neighbour solicitation or advertisement. */
header nd_t {
    bit<128> target;
}

header nd_option_t {
    bit<8> type;
    bit<8> length;  // in 8 bytes
    mac_t  mac;
}

/* The first four bytes of a quoted TCP or UDP header. */
header ports_t {
    bit<16> src;
    bit<16> dst;
}

struct headers_t {
    ethernet_t      outer;
    nsh_t           nsh;
    ethernet_t      ethernet;
    arp_t           arp;
    ipv4_t          ipv4;
    ipv4_options_t  ipv4_options;
    ipv6_t          ipv6;
    ipv6_fragment_t ipv6_fragment;
    tcp_t           tcp;
    udp_t           udp;
    icmp_t          icmp;
    nd_t            nd;
    nd_option_t     nd_option;
    ipv4_t          quoted_ipv4;
    ipv6_t          quoted_ipv6;
    ports_t         quoted_ports;
}

// Headers that several of the programs here have.
#ifndef HEADERS_P4
#define HEADERS_P4
#include <core.p4>
#include <v1model.p4>

header ethernet_t { bit<48> dst; bit<48> src; bit<16> type; }
header vlan_t { bit<3> pcp; bit<1> dei; bit<12> vid; bit<16> type; }
header ipv4_t {
    bit<4> version; bit<4> ihl; bit<8> tos; bit<16> len; bit<16> id; bit<3> flags; bit<13> offset;
    bit<8> ttl; bit<8> proto; bit<16> checksum; bit<32> src; bit<32> dst;
}
header ipv6_t { bit<4> version; bit<8> class; bit<20> flow; bit<16> len; bit<8> next; bit<8> hops; bit<128> src; bit<128> dst; }
header tcp_t {
    bit<16> sport; bit<16> dport; bit<32> seq; bit<32> ack; bit<4> offset; bit<4> res; bit<8> flags;
    bit<16> window; bit<16> checksum; bit<16> urgent;
}
header udp_t { bit<16> sport; bit<16> dport; bit<16> len; bit<16> checksum; }

const bit<16> TYPE_IPV4 = 0x0800;
const bit<16> TYPE_IPV6 = 0x86dd;
const bit<16> TYPE_VLAN = 0x8100;
const bit<8> PROTO_TCP = 6;
const bit<8> PROTO_UDP = 17;

#define IPV4_SUM(f, h) f(h.isValid(), { h.version, h.ihl, h.tos, h.len, h.id, h.flags, h.offset, h.ttl, h.proto, h.src, h.dst }, \
    h.checksum, HashAlgorithm.csum16)
#endif

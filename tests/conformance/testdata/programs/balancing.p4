// Load balancing: an action selector by the five-tuple, one shared by two tables, and
// buckets by the hash extern with every algorithm that v1model names.
#include "headers.p4"

struct headers { ethernet_t eth; ipv4_t ipv4; udp_t ports; }
struct metadata { bit<16> bucket; bit<16> group; bit<32> wide; bit<10> h16; bit<10> x16; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_IPV4: ipv4; default: accept; }
    }
    state ipv4 {
        p.extract(h.ipv4);
        transition select(h.ipv4.proto) { PROTO_TCP: ports; PROTO_UDP: ports; default: accept; }
    }
    state ports { p.extract(h.ports); transition accept; }
}
control V(inout headers h, inout metadata m) { apply { } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action_selector(HashAlgorithm.crc16, 128, 14) paths;
    action_selector(HashAlgorithm.crc32, 128, 16) servers;
    action drop() { mark_to_drop(s); }
    action send(bit<9> port, bit<48> dst) { s.egress_spec = port; h.eth.dst = dst; }
    action server(bit<32> dst, bit<9> port) { h.ipv4.dst = dst; s.egress_spec = port; }
    table path {
        key = {
            m.group: exact; h.ipv4.src: selector; h.ipv4.dst: selector; h.ipv4.proto: selector;
            h.ports.sport: selector; h.ports.dport: selector;
        }
        actions = { send; drop; NoAction; }
        implementation = paths;
        default_action = NoAction;
    }
    table virtual_ip {
        key = { h.ipv4.dst: exact; h.ipv4.src: selector; m.bucket: selector; }
        actions = { server; drop; NoAction; }
        implementation = servers;
    }
    action assign(bit<16> group) {
        m.group = group;
        hash(m.bucket, HashAlgorithm.crc16, 16w3, { h.ipv4.src, h.ipv4.dst, h.ipv4.proto }, 32w7);
    }
    table group {
        key = { h.ipv4.dst: lpm; }
        actions = { assign; drop; }
        default_action = drop;
    }
    apply {
        if (!h.ipv4.isValid()) { drop(); return; }
        group.apply();
        virtual_ip.apply();
        path.apply();
        hash(m.wide, HashAlgorithm.crc32, 32w0, { h.ipv4.src, h.ipv4.dst, h.ipv4.tos[2:0], h.ipv4.offset }, 64w0x100000000);
        hash(m.h16, HashAlgorithm.csum16, 10w5, { h.ipv4.src, h.ipv4.id }, 10w1000);
        hash(m.x16, HashAlgorithm.xor16, 10w0, { h.ipv4.src, h.ipv4.dst, h.ipv4.ttl }, 10w1023);
        h.ipv4.id = m.bucket;
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    bit<16> f;
    bit<32> i;
    apply {
        hash(i, HashAlgorithm.identity, 32w0, { h.ipv4.src, h.ipv4.ttl }, 32w0xffffffff);
        hash(f, HashAlgorithm.crc32_custom, 16w0, { m.wide }, 16w4096);
        h.eth.src = m.wide ++ f;
        if (h.ports.isValid()) { h.ports.checksum = m.h16 ++ m.x16[5:0]; }
        h.ipv4.src = i;
    }
}
control C(inout headers h, inout metadata m) { apply { IPV4_SUM(update_checksum, h.ipv4); } }
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

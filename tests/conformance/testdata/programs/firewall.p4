// A stateful firewall: what goes out is remembered in a Bloom filter of two registers,
// and only what it remembers comes in.
#include "headers.p4"

struct headers { ethernet_t eth; ipv4_t ipv4; tcp_t tcp; }
struct metadata { bit<1> inward; bit<32> one; bit<32> two; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_IPV4: ipv4; default: reject; }
    }
    state ipv4 {
        p.extract(h.ipv4);
        transition select(h.ipv4.proto) { PROTO_TCP: tcp; default: accept; }
    }
    state tcp { p.extract(h.tcp); transition accept; }
}
control V(inout headers h, inout metadata m) { apply { IPV4_SUM(verify_checksum, h.ipv4); } }
control Filter(inout headers h, inout metadata m, out bit<1> known) {
    register<bit<1>>(4096) first;
    register<bit<1>>(4096) second;
    action positions(bit<32> src, bit<32> dst, bit<16> sport, bit<16> dport) {
        hash(m.one, HashAlgorithm.crc16, 32w0, { src, dst, sport, dport, h.ipv4.proto }, 32w4096);
        hash(m.two, HashAlgorithm.crc32, 32w0, { src, dst, sport, dport, h.ipv4.proto }, 32w4096);
    }
    apply {
        known = 0;
        if (m.inward == 0) {
            positions(h.ipv4.src, h.ipv4.dst, h.tcp.sport, h.tcp.dport);
            if (h.tcp.flags & 2 != 0) { first.write(m.one, 1); second.write(m.two, 1); }
            known = 1;
        } else {
            bit<1> a;
            bit<1> b;
            positions(h.ipv4.dst, h.ipv4.src, h.tcp.dport, h.tcp.sport);
            first.read(a, m.one);
            second.read(b, m.two);
            known = a & b;
        }
    }
}
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    counter(2, CounterType.packets) verdicts;
    bit<1> known;
    Filter() filter;
    action drop() { mark_to_drop(s); }
    action forward(bit<48> dst, bit<9> port) { h.eth.src = h.eth.dst; h.eth.dst = dst; s.egress_spec = port; h.ipv4.ttl = h.ipv4.ttl - 1; }
    table route {
        key = { h.ipv4.dst: lpm; }
        actions = { forward; drop; NoAction; }
        default_action = drop;
    }
    action direction(bit<1> inward) { m.inward = inward; }
    table ports {
        key = { s.ingress_port: exact; s.egress_spec: exact; }
        actions = { direction; NoAction; }
        default_action = NoAction;
    }
    apply {
        if (!h.ipv4.isValid()) { drop(); return; }
        route.apply();
        if (h.tcp.isValid() && ports.apply().hit) {
            filter.apply(h, m, known);
            verdicts.count((bit<32>)known);
            if (known == 0) { drop(); }
        }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) { apply { } }
control C(inout headers h, inout metadata m) { apply { IPV4_SUM(update_checksum, h.ipv4); } }
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

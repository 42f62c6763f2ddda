// A router: IPv4 and IPv6 prefixes, next hops in an action profile, checksums, hop
// limits, and a table with constant entries.
#include "headers.p4"

struct headers { ethernet_t eth; ipv4_t ipv4; ipv6_t ipv6; }
struct metadata { bit<16> next_hop; bit<1> routed; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_IPV4: ipv4; TYPE_IPV6: ipv6; default: accept; }
    }
    state ipv4 {
        p.extract(h.ipv4);
        verify(h.ipv4.version == 4, error.ParserInvalidArgument);
        verify(h.ipv4.ihl >= 5, error.HeaderTooShort);
        transition accept;
    }
    state ipv6 { p.extract(h.ipv6); transition accept; }
}
control V(inout headers h, inout metadata m) { apply { IPV4_SUM(verify_checksum, h.ipv4); } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    direct_counter(CounterType.bytes) routes;
    action_profile(64) hops;
    action drop() { mark_to_drop(s); }
    action set_next_hop(bit<16> hop) { routes.count(); m.next_hop = hop; m.routed = 1; }
    action unreachable() { routes.count(); mark_to_drop(s); }
    table ipv4_lpm {
        key = { h.ipv4.dst: lpm; }
        actions = { set_next_hop; unreachable; }
        default_action = unreachable;
        counters = routes;
        size = 1024;
    }
    table ipv6_lpm {
        key = { h.ipv6.dst: lpm; }
        actions = { set_next_hop; drop; }
        default_action = drop;
        size = 1024;
    }
    table martian {
        key = { h.ipv4.src: ternary; h.ipv4.dst: lpm; }
        actions = { drop; NoAction; }
        default_action = NoAction;
        const entries = {
            (0x7f000000 &&& 0xff000000, 0x00000000 &&& 0x00000000): drop();
            (0x00000000 &&& 0xff000000, 0x0a000000 &&& 0xff000000): drop();
            (0x00000000 &&& 0xf0000000, 0xe0000000 &&& 0xf0000000): NoAction();
            (_, 0xf0000000 &&& 0xf0000000): drop();
        }
    }
    action forward(bit<48> dst, bit<48> src, bit<9> port) { h.eth.dst = dst; h.eth.src = src; s.egress_spec = port; }
    action punt(bit<9> port) { s.egress_spec = port; }
    table next_hop {
        key = { m.next_hop: exact; }
        actions = { forward; punt; drop; }
        implementation = hops;
        size = 256;
    }
    apply {
        if (s.parser_error != error.NoError) { drop(); return; }
        if (h.ipv4.isValid()) {
            if (s.checksum_error == 1 || h.ipv4.ttl <= 1) { drop(); return; }
            martian.apply();
            ipv4_lpm.apply();
            h.ipv4.ttl = h.ipv4.ttl - 1;
        } else if (h.ipv6.isValid()) {
            if (h.ipv6.hops <= 1) { drop(); return; }
            ipv6_lpm.apply();
            h.ipv6.hops = h.ipv6.hops - 1;
        } else { drop(); }
        if (m.routed == 1) { next_hop.apply(); }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    counter(512, CounterType.packets_and_bytes) out_ports;
    apply { out_ports.count((bit<32>)s.egress_port); }
}
control C(inout headers h, inout metadata m) { apply { IPV4_SUM(update_checksum, h.ipv4); } }
control D(packet_out p, in headers h) { apply { p.emit(h.eth); p.emit(h.ipv4); p.emit(h.ipv6); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

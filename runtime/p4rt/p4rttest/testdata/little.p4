// A little program that has one of everything that a push must cope with: exact, LPM, ternary, range
// and optional keys, priorities, a table that points at another, multicast, a clone session,
// constant entries, direct and indirect counters.
#include <core.p4>
#include <v1model.p4>

header ethernet_t { bit<48> dst; bit<48> src; bit<16> ether_type; }
header ipv4_t {
    bit<8> version_ihl; bit<8> tos; bit<16> len; bit<32> frag; bit<8> ttl; bit<8> proto; bit<16> checksum;
    bit<32> src; bit<32> dst;
}
header udp_t { bit<16> sport; bit<16> dport; bit<32> rest; }
struct headers { ethernet_t ethernet; ipv4_t ipv4; udp_t udp; }
struct metadata { bit<16> edge; }

parser P(packet_in b, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start { b.extract(h.ethernet); transition select(h.ethernet.ether_type) { 0x800: ipv4; default: accept; } }
    state ipv4 { b.extract(h.ipv4); transition select(h.ipv4.proto) { 17: udp; default: accept; } }
    state udp { b.extract(h.udp); transition accept; }
}
control V(inout headers h, inout metadata m) { apply { } }
control C(inout headers h, inout metadata m) { apply { } }
control D(packet_out b, in headers h) { apply { b.emit(h); } }
control E(inout headers h, inout metadata m, inout standard_metadata_t s) { apply { } }

control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    direct_counter(CounterType.packets_and_bytes) acl_counter;
    direct_counter(CounterType.packets_and_bytes) route_counter;
    counter(4, CounterType.packets_and_bytes) drops;

    action permit() { }
    action deny(bit<8> reason) { drops.count((bit<32>)reason); mark_to_drop(s); exit; }
    action copy() { clone(CloneType.I2E, 7); }
    action to_edge(bit<16> edge) { m.edge = edge; }
    action flood(bit<16> group) { s.mcast_grp = group; }
    action forward(bit<9> port) { s.egress_spec = port; }
    action miss() { mark_to_drop(s); }

    table guard {
        key = { h.ethernet.ether_type: exact @name("ether_type"); }
        actions = { permit; deny; }
        const entries = { 0x88cc: deny(1); }
        const default_action = permit();
    }
    table acl {
        key = {
            h.ipv4.src: ternary @name("src");
            h.ipv4.dst: lpm @name("dst");
            h.udp.dport: range @name("dport");
            h.ipv4.proto: optional @name("proto");
        }
        actions = { permit; deny; copy; }
        default_action = permit();
        counters = acl_counter;
        size = 1024;
    }
    table route {
        key = { h.ipv4.dst: lpm @name("dst"); }
        actions = { to_edge; flood; miss; }
        const default_action = miss();
        counters = route_counter;
        size = 1024;
    }
    table edge {
        key = { m.edge: exact @name("edge"); }
        actions = { forward; miss; }
        const default_action = miss();
        size = 16;
    }
    apply {
        guard.apply();
        acl.apply();
        route.apply();
        if (m.edge != 0) { edge.apply(); }
    }
}
V1Switch(P(), V(), I(), E(), C(), D()) main;

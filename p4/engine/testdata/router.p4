// An IPv4 router: parser errors, checksums, LPM, exact, ternary and range tables,
// direct and indexed counters, hit and miss, switch on the action.
#include <core.p4>
#include <v1model.p4>

header ethernet_t { bit<48> dst; bit<48> src; bit<16> type; }
header ipv4_t {
    bit<4> version; bit<4> ihl; bit<8> tos; bit<16> len;
    bit<16> id; bit<3> flags; bit<13> frag;
    bit<8> ttl; bit<8> proto; bit<16> csum;
    bit<32> src; bit<32> dst;
}
header ports_t { bit<16> src; bit<16> dst; }

struct headers_t { ethernet_t eth; ipv4_t ip; ports_t l4; }
struct meta_t { bit<32> next_hop; bit<8> class; bool denied; }

error { BadVersion }

parser P(packet_in b, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    state start {
        b.extract(h.eth);
        transition select(h.eth.type) {
            0x0800: ip;
            default: accept;
        }
    }
    state ip {
        b.extract(h.ip);
        verify(h.ip.version == 4, error.BadVersion);
        transition select(h.ip.frag, h.ip.proto) {
            (0, 6): ports;
            (0, 17): ports;
            default: accept;
        }
    }
    state ports { b.extract(h.l4); transition accept; }
}

control Verify(inout headers_t h, inout meta_t m) {
    apply {
        verify_checksum(h.ip.isValid() && h.ip.ihl == 5,
            { h.ip.version, h.ip.ihl, h.ip.tos, h.ip.len, h.ip.id, h.ip.flags, h.ip.frag,
              h.ip.ttl, h.ip.proto, h.ip.src, h.ip.dst }, h.ip.csum, HashAlgorithm.csum16);
    }
}

control Forward(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    counter(4, CounterType.packets_and_bytes) by_reason;
    direct_counter(CounterType.packets_and_bytes) by_route;

    action drop(bit<2> reason) {
        by_reason.count((bit<32>)reason);
        mark_to_drop(s);
        exit;
    }
    action route(bit<32> next_hop, bit<9> port) {
        m.next_hop = next_hop;
        s.egress_spec = port;
        h.ip.ttl = h.ip.ttl - 1;
        by_route.count();
    }
    action direct(bit<9> port) {
        m.next_hop = h.ip.dst;
        s.egress_spec = port;
        h.ip.ttl = h.ip.ttl - 1;
        by_route.count();
    }
    table routes {
        key = { h.ip.dst: lpm; }
        actions = { route; direct; drop; }
        default_action = drop(1);
        counters = by_route;
        size = 1024;
    }
    action set_mac(bit<48> src, bit<48> dst) { h.eth.src = src; h.eth.dst = dst; }
    table neighbours {
        key = { m.next_hop: exact; s.egress_spec: exact; }
        actions = { set_mac; NoAction; }
        size = 1024;
    }
    action permit(bit<8> class) { m.class = class; }
    action deny() { m.denied = true; }
    table acl {
        key = {
            h.ip.src: ternary;
            h.ip.proto: optional;
            h.l4.dst: range;
        }
        actions = { permit; deny; NoAction; }
        size = 64;
    }
    action colour(bit<8> v) { m.class = v; }
    table precedence {
        key = { h.ip.tos: ternary; h.ip.len: range; }
        actions = { colour; NoAction; }
        const entries = {
            (0xe0 &&& 0xe0, 0 .. 100): colour(7);
            (0xe0 &&& 0xe0, _): colour(6);
            (0x20 &&& 0x20, 50 .. 60): colour(1);
        }
    }
    apply {
        if (s.parser_error != error.NoError || s.checksum_error == 1) { drop(3); }
        if (!h.ip.isValid() || h.ip.ttl <= 1) { drop(2); }
        precedence.apply();
        acl.apply();
        if (m.denied) { drop(0); }
        switch (routes.apply().action_run) {
            route: { h.ip.tos = m.class; }
            direct: { h.ip.tos = m.class | 1; }
        }
        if (!neighbours.apply().hit) { drop(0); }
    }
}

control Leave(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply { } }

control Update(inout headers_t h, inout meta_t m) {
    apply {
        update_checksum(h.ip.isValid(),
            { h.ip.version, h.ip.ihl, h.ip.tos, h.ip.len, h.ip.id, h.ip.flags, h.ip.frag,
              h.ip.ttl, h.ip.proto, h.ip.src, h.ip.dst }, h.ip.csum, HashAlgorithm.csum16);
    }
}

control D(packet_out b, in headers_t h) { apply { b.emit(h.eth); b.emit(h.ip); b.emit(h.l4); } }

V1Switch(P(), Verify(), Forward(), Leave(), Update(), D()) main;

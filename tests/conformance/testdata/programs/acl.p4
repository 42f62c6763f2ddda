// Access lists: ternary, range and optional keys, priorities, a switch on what ran, a
// list on the way out, and constant entries with ranges.
#include "headers.p4"

struct headers { ethernet_t eth; ipv4_t ipv4; tcp_t tcp; udp_t udp; }
struct metadata { bit<16> sport; bit<16> dport; bit<8> class; bit<4> mark; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_IPV4: ipv4; default: accept; }
    }
    state ipv4 {
        p.extract(h.ipv4);
        transition select(h.ipv4.offset, h.ipv4.proto) {
            (0, PROTO_TCP): tcp;
            (0, PROTO_UDP): udp;
            default: accept;
        }
    }
    state tcp { p.extract(h.tcp); m.sport = h.tcp.sport; m.dport = h.tcp.dport; transition accept; }
    state udp { p.extract(h.udp); m.sport = h.udp.sport; m.dport = h.udp.dport; transition accept; }
}
control V(inout headers h, inout metadata m) { apply { } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    direct_counter(CounterType.packets_and_bytes) hits;
    action deny() { hits.count(); mark_to_drop(s); }
    action permit() { hits.count(); }
    action classify(bit<8> class) { hits.count(); m.class = class; }
    table rules {
        key = {
            h.ipv4.src: ternary; h.ipv4.dst: ternary; h.ipv4.proto: optional;
            m.sport: range; m.dport: range; s.ingress_port: optional;
        }
        actions = { deny; permit; classify; }
        default_action = deny;
        counters = hits;
        size = 512;
    }
    action send(bit<9> port) { s.egress_spec = port; }
    action drop() { mark_to_drop(s); }
    table by_class {
        key = { m.class: range; h.ipv4.tos[7:2]: exact; }
        actions = { send; drop; }
        default_action = drop;
    }
    table by_port {
        key = { s.ingress_port: exact; }
        actions = { send; @defaultonly drop; }
        default_action = send(1);
    }
    table services {
        key = { m.dport: range; h.tcp.isValid(): exact; }
        actions = { NoAction; drop; send; }
        default_action = NoAction;
        const entries = {
            (0..1023, true): NoAction();
            (1000..2000, true): send(7);
            (6000..6063, true): drop();
            (_, false): send(8);
        }
    }
    apply {
        bit<1> plain = 1;
        if (h.ipv4.isValid()) {
            switch (rules.apply().action_run) {
                deny: { return; }
                classify: { by_class.apply(); plain = 0; }
                default: { }
            }
        }
        if (plain == 1) {
            by_port.apply();
            if (m.sport != 0) { services.apply(); }
        }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action drop() { mark_to_drop(s); }
    action remark(bit<6> dscp, bit<4> mark) { h.ipv4.tos[7:2] = dscp; m.mark = mark; }
    table rules {
        key = { s.egress_port: exact; h.tcp.flags: ternary; s.packet_length: range; }
        actions = { drop; remark; NoAction; }
        default_action = NoAction;
    }
    apply {
        rules.apply();
        switch (m.mark) {
            1: { h.eth.src = 1; }
            2:
            3: { h.eth.src = h.eth.src ^ 0xffff0000ffff; }
            default: { }
        }
    }
}
control C(inout headers h, inout metadata m) { apply { IPV4_SUM(update_checksum, h.ipv4); } }
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

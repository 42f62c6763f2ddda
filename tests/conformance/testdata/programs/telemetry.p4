// In-band telemetry: a source puts a shim behind UDP and samples to a collector, each
// hop pushes its record, a sink takes them out. Value sets choose what is watched.
#include "headers.p4"

header shim_t { bit<8> type; bit<8> hops; bit<8> max; bit<8> next; }
header record_t { bit<32> node; bit<8> in_port; bit<8> out_port; bit<16> length; }
struct headers { ethernet_t eth; ipv4_t ipv4; udp_t udp; shim_t shim; record_t[5] records; }
struct metadata { @field_list(7) bit<8> role; @field_list(7) bit<32> node; bit<8> left; bit<1> watched; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    value_set<bit<16>>(4) watched;
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_IPV4: ipv4; default: accept; }
    }
    state ipv4 {
        p.extract(h.ipv4);
        transition select(h.ipv4.ihl, h.ipv4.proto) { (5, PROTO_UDP): udp; default: accept; }
    }
    state udp {
        p.extract(h.udp);
        transition select(h.udp.dport) { 5000: shim; watched: mark; default: accept; }
    }
    state mark { m.watched = 1; transition accept; }
    state shim {
        p.extract(h.shim);
        m.left = h.shim.hops;
        transition records;
    }
    state records {
        transition select(m.left) { 0: accept; default: record; }
    }
    state record { p.extract(h.records.next); m.left = m.left - 1; transition records; }
}
control V(inout headers h, inout metadata m) { apply { } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    direct_counter(CounterType.packets) by_role;
    action drop() { mark_to_drop(s); }
    action role(bit<8> role, bit<32> node) { by_role.count(); m.role = role; m.node = node; }
    table roles {
        key = { s.ingress_port: ternary; m.watched: ternary; h.shim.isValid(): exact; }
        actions = { role; NoAction; }
        default_action = NoAction;
        counters = by_role;
    }
    action send(bit<9> port) { s.egress_spec = port; }
    table route {
        key = { h.ipv4.dst: lpm; }
        actions = { send; drop; }
        default_action = send(6);
    }
    apply {
        roles.apply();
        route.apply();
        if (m.role & 4 != 0) { clone_preserving_field_list(CloneType.I2E, 3, 7); }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action source() {
        h.shim.setValid();
        h.shim = { 1, 0, 5, h.ipv4.proto };
        h.ipv4.len = h.ipv4.len + 4;
        h.udp.len = h.udp.len + 4;
        h.udp.dport = 5000;
    }
    action hop() {
        h.records.push_front(1);
        h.records[0].setValid();
        h.records[0] = { m.node, (bit<8>)s.ingress_port, (bit<8>)s.egress_port, (bit<16>)s.packet_length };
        h.shim.hops = h.shim.hops + 1;
        h.ipv4.len = h.ipv4.len + 8;
        h.udp.len = h.udp.len + 8;
    }
    action sink() {
        h.ipv4.len = h.ipv4.len - 4 - ((bit<16>)h.shim.hops << 3);
        h.udp.len = h.udp.len - 4 - ((bit<16>)h.shim.hops << 3);
        h.shim.setInvalid();
        h.records.pop_front(5);
    }
    apply {
        if (s.instance_type == 1) {
            truncate(64);
            h.eth.src = 16w0xc011 ++ m.node;
        } else if (h.udp.isValid()) {
            if (m.role & 1 != 0 && !h.shim.isValid()) { source(); }
            if (m.role & 2 != 0 && h.shim.isValid() && h.shim.hops < h.shim.max) { hop(); }
            if (m.role & 8 != 0 && h.shim.isValid()) { sink(); }
        }
    }
}
control C(inout headers h, inout metadata m) { apply { IPV4_SUM(update_checksum, h.ipv4); } }
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

// Stacks of tags and labels: parsed in loops with lookahead, pushed and popped by
// tables, with overflow as a parser error.
#include "headers.p4"

header label_t { bit<20> label; bit<3> tc; bit<1> bottom; bit<8> ttl; }
struct headers { ethernet_t eth; vlan_t[3] vlan; label_t[4] mpls; ipv4_t ipv4; ipv6_t ipv6; }
struct metadata { bit<4> nibble; bit<8> depth; bit<1> failed; bit<12> vid; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_VLAN: vlan; 0x88a8: vlan; 0x8847: mpls; TYPE_IPV4: ipv4; default: accept; }
    }
    state vlan {
        p.extract(h.vlan.next);
        transition select(h.vlan.last.type) { TYPE_VLAN: vlan; 0x8847: mpls; TYPE_IPV4: ipv4; default: accept; }
    }
    state mpls {
        p.extract(h.mpls.next);
        m.depth = m.depth + 1;
        transition select(h.mpls.last.bottom) { 0: mpls; 1: bottom; }
    }
    state bottom {
        m.nibble = p.lookahead<bit<4>>();
        transition select(p.lookahead<bit<4>>()) { 4: ipv4; 6: ipv6; default: accept; }
    }
    state ipv4 { p.extract(h.ipv4); transition accept; }
    state ipv6 { p.extract(h.ipv6); transition accept; }
}
control V(inout headers h, inout metadata m) { apply { } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action drop() { mark_to_drop(s); }
    action send(bit<9> port) { s.egress_spec = port; }
    action swap(bit<20> label, bit<9> port) { h.mpls[0].label = label; h.mpls[0].ttl = h.mpls[0].ttl |-| 1; s.egress_spec = port; }
    action pop(bit<9> port) { h.mpls.pop_front(1); s.egress_spec = port; }
    action pop2(bit<9> port) { h.mpls.pop_front(2); s.egress_spec = port; }
    action push(bit<20> label, bit<3> tc, bit<9> port) {
        h.mpls.push_front(1);
        h.mpls[0].setValid();
        h.mpls[0].label = label;
        h.mpls[0].tc = tc;
        h.mpls[0].ttl = 64;
        if (!h.mpls[1].isValid()) { h.mpls[0].bottom = 1; } else { h.mpls[0].bottom = 0; }
        s.egress_spec = port;
    }
    table labels {
        key = { h.mpls[0].label: exact; h.mpls[0].bottom: ternary; }
        actions = { swap; pop; pop2; push; drop; }
        default_action = drop;
    }
    table classes {
        key = { h.ipv4.isValid(): exact; h.ipv4.dst: ternary; m.nibble: ternary; }
        actions = { push; send; drop; }
        default_action = send(2);
    }
    apply {
        if (!h.eth.isValid()) { drop(); return; }
        if (s.parser_error == error.StackOutOfBounds) { m.failed = 1; }
        if (h.mpls[0].isValid()) { labels.apply(); } else { classes.apply(); }
        if (h.mpls[0].isValid()) { h.eth.type = 0x8847; }
        if (m.failed == 1) { h.eth.src = (bit<48>)m.depth; }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action strip() { h.vlan.pop_front(1); }
    action strip_all() { h.vlan[0].setInvalid(); h.vlan[1].setInvalid(); h.vlan[2].setInvalid(); }
    action tag(bit<12> vid, bit<3> pcp) {
        h.vlan.push_front(1);
        h.vlan[0] = { pcp, 0, vid, h.eth.type };
    }
    action exchange() { if (h.vlan[1].isValid()) { vlan_t x = h.vlan[0]; h.vlan[0] = h.vlan[1]; h.vlan[1] = x; } }
    table tags {
        key = { s.egress_port: exact; h.vlan[0].isValid(): exact; m.vid: ternary; }
        actions = { strip; strip_all; tag; exchange; NoAction; }
        default_action = NoAction;
    }
    apply {
        if (h.vlan[0].isValid()) { m.vid = h.vlan[0].vid; }
        tags.apply();
        if (h.vlan[0].isValid()) { h.eth.type = TYPE_VLAN; }
        for (bit<8> i = 0; i < m.depth; i = i + 1) { h.eth.src[7:0] = h.eth.src[7:0] + i; }
    }
}
control C(inout headers h, inout metadata m) { apply { } }
control D(packet_out p, in headers h) { apply { p.emit(h.eth); p.emit(h.vlan); p.emit(h.mpls); p.emit(h.ipv4); p.emit(h.ipv6); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

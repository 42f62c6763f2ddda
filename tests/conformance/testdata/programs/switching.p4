// A learning switch: VLANs, learning by digest, flooding by multicast groups, and no
// frame back to where it came from.
#include "headers.p4"

struct headers { ethernet_t eth; vlan_t vlan; }
struct metadata { bit<12> vid; bit<1> tagged; }
struct learn_t { bit<48> mac; bit<12> vid; bit<9> port; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_VLAN: vlan; default: accept; }
    }
    state vlan { p.extract(h.vlan); m.tagged = 1; m.vid = h.vlan.vid; transition accept; }
}
control V(inout headers h, inout metadata m) { apply { } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    direct_counter(CounterType.packets_and_bytes) sources;
    direct_counter(CounterType.packets) destinations;
    action drop() { mark_to_drop(s); exit; }
    action access(bit<12> vid) { m.vid = vid; }
    action trunk() { }
    table port_vlan {
        key = { s.ingress_port: exact; m.tagged: exact; m.vid: ternary; }
        actions = { access; trunk; drop; }
        default_action = drop;
        size = 64;
    }
    action known() { sources.count(); }
    action learn() { sources.count(); digest<learn_t>(1, { h.eth.src, m.vid, s.ingress_port }); }
    table source {
        key = { h.eth.src: exact; m.vid: exact; s.ingress_port: exact; }
        actions = { known; learn; }
        default_action = learn();
        counters = sources;
        size = 256;
    }
    action forward(bit<9> port) { destinations.count(); s.egress_spec = port; }
    action flood(bit<16> group) { destinations.count(); s.mcast_grp = group; }
    table destination {
        key = { h.eth.dst: exact; m.vid: exact; }
        actions = { forward; flood; @defaultonly drop; }
        default_action = drop();
        counters = destinations;
        size = 256;
    }
    table flooding {
        key = { m.vid: exact; }
        actions = { flood; NoAction; }
        default_action = NoAction();
    }
    apply {
        if (!h.eth.isValid() || h.eth.src[40:40] == 1) { drop(); }
        port_vlan.apply();
        source.apply();
        if (!destination.apply().hit) { flooding.apply(); }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action tag() {
        h.vlan.setValid();
        h.vlan.type = h.eth.type;
        h.vlan.vid = m.vid;
        h.eth.type = TYPE_VLAN;
    }
    action untag() { if (h.vlan.isValid()) { h.eth.type = h.vlan.type; h.vlan.setInvalid(); } }
    table tagging {
        key = { s.egress_port: exact; h.vlan.isValid(): exact; }
        actions = { tag; untag; NoAction; }
        default_action = NoAction;
    }
    apply {
        if (s.egress_port == s.ingress_port && s.mcast_grp != 0) { mark_to_drop(s); }
        else { tagging.apply(); }
    }
}
control C(inout headers h, inout metadata m) { apply { } }
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

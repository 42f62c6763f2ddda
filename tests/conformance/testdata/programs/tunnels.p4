// Tunnels: VXLAN and GRE, made and ended; checksums over payload; truncation.
#include "headers.p4"

header vxlan_t { bit<8> flags; bit<24> res; bit<24> vni; bit<8> res2; }
header gre_t { bit<1> c; bit<1> r; bit<1> k; bit<1> s; bit<9> zero; bit<3> version; bit<16> type; }
header key_t { bit<32> key; }
struct headers {
    ethernet_t eth; ipv4_t ipv4; udp_t udp; vxlan_t vxlan; gre_t gre; key_t gre_key;
    ethernet_t inner_eth; ipv4_t inner_ipv4; udp_t inner_udp;
}
struct metadata { bit<24> vni; bit<16> l4_len; bit<8> tunnel; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_IPV4: ipv4; default: accept; }
    }
    state ipv4 {
        p.extract(h.ipv4);
        transition select(h.ipv4.proto) { PROTO_UDP: udp; 47: gre; default: accept; }
    }
    state udp {
        p.extract(h.udp);
        transition select(h.udp.dport) { 4789: vxlan; default: accept; }
    }
    state vxlan { p.extract(h.vxlan); m.vni = h.vxlan.vni; transition inner_eth; }
    state gre {
        p.extract(h.gre);
        transition select(h.gre.k, h.gre.type) {
            (1, _): gre_key;
            (0, TYPE_IPV4): inner_ipv4;
            (0, 0x6558): inner_eth;
            default: accept;
        }
    }
    state gre_key {
        p.extract(h.gre_key);
        m.vni = h.gre_key.key[23:0];
        transition select(h.gre.type) { TYPE_IPV4: inner_ipv4; 0x6558: inner_eth; default: accept; }
    }
    state inner_eth {
        p.extract(h.inner_eth);
        transition select(h.inner_eth.type) { TYPE_IPV4: inner_ipv4; default: accept; }
    }
    state inner_ipv4 {
        p.extract(h.inner_ipv4);
        transition select(h.inner_ipv4.proto) { PROTO_UDP: inner_udp; default: accept; }
    }
    state inner_udp { p.extract(h.inner_udp); transition accept; }
}
control V(inout headers h, inout metadata m) {
    apply {
        IPV4_SUM(verify_checksum, h.ipv4);
        IPV4_SUM(verify_checksum, h.inner_ipv4);
    }
}
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action drop() { mark_to_drop(s); }
    action decap(bit<9> port) {
        h.eth = h.inner_eth;
        h.ipv4 = h.inner_ipv4;
        h.udp = h.inner_udp;
        h.inner_eth.setInvalid(); h.inner_ipv4.setInvalid(); h.inner_udp.setInvalid();
        h.vxlan.setInvalid(); h.gre.setInvalid(); h.gre_key.setInvalid();
        s.egress_spec = port;
    }
    table terminate {
        key = { h.ipv4.dst: exact; m.vni: ternary; h.vxlan.isValid(): exact; }
        actions = { decap; drop; NoAction; }
        default_action = NoAction;
    }
    action inward(bit<8> tunnel, bit<24> vni, bit<9> port) { m.tunnel = tunnel; m.vni = vni; s.egress_spec = port; }
    action plain(bit<9> port) { s.egress_spec = port; }
    action snap(bit<9> port, bit<32> len) { truncate(len); s.egress_spec = port; }
    table route {
        key = { h.eth.dst: ternary; }
        actions = { inward; plain; snap; drop; }
        default_action = plain(3);
    }
    apply {
        if (s.checksum_error == 1) { h.eth.src[7:0] = 0xee; }
        if (!terminate.apply().hit) { route.apply(); }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action nest() {
        h.inner_eth = h.eth;
        h.inner_ipv4 = h.ipv4;
        h.inner_udp = h.udp;
        h.ipv4.setValid();
        h.ipv4.version = 4; h.ipv4.ihl = 5; h.ipv4.tos = 0; h.ipv4.id = 0; h.ipv4.flags = 2; h.ipv4.offset = 0; h.ipv4.ttl = 64;
        h.udp.setInvalid();
        h.eth.type = TYPE_IPV4;
    }
    action vxlan(bit<32> src, bit<32> dst, bit<48> hop) {
        nest();
        h.udp = { 49152, 4789, (bit<16>)s.packet_length + 16, 0 };
        h.vxlan = { 0x08, 0, m.vni, 0 };
        h.ipv4.proto = PROTO_UDP;
        h.ipv4.len = (bit<16>)s.packet_length + 36;
        h.ipv4.src = src; h.ipv4.dst = dst; h.eth.dst = hop;
    }
    action gre(bit<32> src, bit<32> dst, bit<48> hop) {
        nest();
        h.gre = { 0, 0, 1, 0, 0, 0, 0x6558 };
        h.gre_key = { 8w0 ++ m.vni };
        h.ipv4.proto = 47;
        h.ipv4.len = (bit<16>)s.packet_length + 28;
        h.ipv4.src = src; h.ipv4.dst = dst; h.eth.dst = hop;
    }
    table tunnel {
        key = { m.tunnel: exact; }
        actions = { vxlan; gre; NoAction; }
        default_action = NoAction;
    }
    apply {
        tunnel.apply();
        if (h.udp.isValid()) { m.l4_len = h.udp.len; }
    }
}
control C(inout headers h, inout metadata m) {
    apply {
        IPV4_SUM(update_checksum, h.ipv4);
        update_checksum_with_payload(h.udp.isValid() && !h.vxlan.isValid(),
            { h.ipv4.src, h.ipv4.dst, 8w0, h.ipv4.proto, m.l4_len, h.udp.sport, h.udp.dport, h.udp.len },
            h.udp.checksum, HashAlgorithm.csum16);
    }
}
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

// Headers of variable length: IPv4 options in a varbit, TCP options taken apart one by
// one, a header union, and errors of the program's own.
#include "headers.p4"

error { BadLength, BadOption }
header options_t { varbit<320> data; }
header end_t { bit<8> kind; }
header nop_t { bit<8> kind; }
header mss_t { bit<8> kind; bit<8> len; bit<16> mss; }
header scale_t { bit<8> kind; bit<8> len; bit<8> shift; }
header sack_t { bit<8> kind; bit<8> len; varbit<256> blocks; }
header_union option_t { end_t end; nop_t nop; mss_t mss; scale_t scale; sack_t sack; }
header length_t { bit<8> kind; bit<8> len; }
struct headers { ethernet_t eth; ipv4_t ipv4; options_t options; tcp_t tcp; option_t[6] tcp_options; }
struct metadata { bit<8> left; bit<16> options; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { TYPE_IPV4: ipv4; default: accept; }
    }
    state ipv4 {
        p.extract(h.ipv4);
        verify(h.ipv4.ihl >= 5, error.BadLength);
        p.extract(h.options, ((bit<32>)h.ipv4.ihl - 5) * 32);
        transition select(h.ipv4.proto) { PROTO_TCP: tcp; default: accept; }
    }
    state tcp {
        p.extract(h.tcp);
        verify(h.tcp.offset >= 5, error.BadLength);
        m.left = (bit<8>)(h.tcp.offset - 5) << 2;
        transition next_option;
    }
    state next_option {
        transition select(m.left) { 0: accept; default: option; }
    }
    state option {
        transition select(p.lookahead<bit<8>>()) { 0: end; 1: nop; 2: mss; 3: scale; 5: sack; default: bad; }
    }
    state end { p.extract(h.tcp_options.next.end); m.left = m.left - 1; transition accept; }
    state nop { p.extract(h.tcp_options.next.nop); m.left = m.left - 1; transition next_option; }
    state mss { verify(m.left >= 4, error.BadOption); p.extract(h.tcp_options.next.mss); m.left = m.left - 4; transition next_option; }
    state scale { verify(m.left >= 3, error.BadOption); p.extract(h.tcp_options.next.scale); m.left = m.left - 3; transition next_option; }
    state sack {
        bit<8> n = p.lookahead<length_t>().len;
        verify(n >= 2 && n <= 34 && m.left >= n, error.BadOption);
        p.extract(h.tcp_options.next.sack, (bit<32>)((n - 2) << 3));
        m.left = m.left - n;
        transition next_option;
    }
    state bad { verify(false, error.BadOption); transition reject; }
}
control V(inout headers h, inout metadata m) {
    apply {
        verify_checksum(h.ipv4.isValid(), { h.ipv4.version, h.ipv4.ihl, h.ipv4.tos, h.ipv4.len, h.ipv4.id, h.ipv4.flags, h.ipv4.offset,
            h.ipv4.ttl, h.ipv4.proto, h.ipv4.src, h.ipv4.dst, h.options.data }, h.ipv4.checksum, HashAlgorithm.csum16);
    }
}
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    action send(bit<9> port) { s.egress_spec = port; }
    action drop() { mark_to_drop(s); }
    action clamp(bit<16> mss) {
        if (h.tcp_options[0].mss.isValid() && h.tcp_options[0].mss.mss > mss) { h.tcp_options[0].mss.mss = mss; }
        s.egress_spec = 4;
    }
    action clear_options() { h.options.setInvalid(); h.ipv4.ihl = 5; s.egress_spec = 5; }
    table policy {
        key = { h.ipv4.dst: ternary; h.ipv4.ihl: range; h.tcp.isValid(): exact; }
        actions = { send; drop; clamp; clear_options; }
        default_action = send(1);
    }
    apply {
        policy.apply();
        if (s.parser_error == error.BadLength) { h.eth.src = 1; }
        else if (s.parser_error == error.BadOption) { h.eth.src = 2; }
        else if (s.parser_error == error.PacketTooShort) { h.eth.src = 3; }
        else if (s.parser_error == error.HeaderTooShort) { h.eth.src = 4; }
        else if (s.parser_error == error.StackOutOfBounds) { h.eth.src = 5; }
        else if (s.parser_error != error.NoError) { h.eth.src = 6; }
        h.eth.dst[0:0] = s.checksum_error;
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    apply {
        if (h.tcp_options[1].nop.isValid()) { m.options = m.options | 1; }
        if (h.tcp_options[0].sack.isValid()) { m.options = m.options | 2; h.tcp_options[0].sack.kind = 6; }
        if (h.tcp_options[2].scale.isValid()) { m.options = m.options | 4; h.tcp_options[2].scale.shift = 7; }
        if (h.tcp_options[3].mss.isValid()) { h.tcp_options[3].mss.setInvalid(); }
        h.eth.dst[47:32] = m.options;
    }
}
control C(inout headers h, inout metadata m) {
    apply {
        update_checksum(h.ipv4.isValid(), { h.ipv4.version, h.ipv4.ihl, h.ipv4.tos, h.ipv4.len, h.ipv4.id, h.ipv4.flags, h.ipv4.offset,
            h.ipv4.ttl, h.ipv4.proto, h.ipv4.src, h.ipv4.dst, h.options.data }, h.ipv4.checksum, HashAlgorithm.csum16);
    }
}
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

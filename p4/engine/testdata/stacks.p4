// Parsing: header stacks, push and pop, lookahead, variable-length fields, header
// unions, masks in select, each parser error, header equality and assignment.
#include <core.p4>
#include <v1model.p4>

header label_t { bit<20> value; bit<3> tc; bit<1> last; bit<8> ttl; }
header opts_t { bit<4> words; bit<4> kind; varbit<120> data; }
header small_t { bit<8> a; }
header large_t { bit<8> a; bit<24> b; }
header_union either_t { small_t small; large_t large; }
header what_t { bit<8> op; }
header note_t { bit<8> error_code; bit<8> flags; }

struct headers_t { note_t note; what_t what; label_t[3] labels; opts_t opts; opts_t copy; either_t either; }
struct meta_t { bit<8> flags; }

parser P(packet_in p, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    state start {
        p.extract(h.what);
        transition select(h.what.op) {
            0x10 &&& 0xf0: labels;
            0x20 &&& 0xf0: options;
            0x30: small;
            0x31: large;
            0x40: skip;
            0x41: peek;
            default: accept;
        }
    }
    state labels {
        p.extract(h.labels.next);
        transition select(h.labels.last.last) {
            1: accept;
            0: labels;
        }
    }
    state options {
        p.extract(h.opts, (bit<32>)((bit<7>)p.lookahead<bit<4>>() << 3) * (bit<32>)(1 + (bit<7>)h.what.op[3:0]));
        verify(h.opts.kind != 15, error.NoMatch);
        transition accept;
    }
    state small { p.extract(h.either.small); transition accept; }
    state large { p.extract(h.either.large); transition accept; }
    state skip { p.advance(16); p.extract(h.either.small); transition accept; }
    state peek {
        m.flags = p.lookahead<bit<16>>()[11:4];
        transition select(p.lookahead<bit<4>>(), m.flags) {
            (0xa, 0x00 .. 0x7f): small;
            (0xa, _): large;
            default: accept;
        }
    }
}

control Forward(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    action mark(bit<8> flags) { h.note.flags = flags; }
    table kinds {
        key = { h.opts.kind: exact; h.opts.isValid(): exact; }
        actions = { mark; NoAction; }
        const entries = {
            (0, false): NoAction();
            (2, true): mark(0x42);
            (2, false): mark(0x43);
        }
    }
    apply {
        h.note.setValid();
        h.note.error_code = 0xff;
        if (s.parser_error == error.NoError) { h.note.error_code = 0; }
        if (s.parser_error == error.PacketTooShort) { h.note.error_code = 1; }
        if (s.parser_error == error.NoMatch) { h.note.error_code = 2; }
        if (s.parser_error == error.StackOutOfBounds) { h.note.error_code = 3; }
        if (s.parser_error == error.HeaderTooShort) { h.note.error_code = 4; }
        h.note.flags = m.flags;
        if (h.what.op == 0x11) { h.labels.push_front(1); h.labels[0].setValid(); h.labels[0] = { 0xabcde, 1, 0, 9 }; }
        else if (h.what.op == 0x12) { h.labels.pop_front(1); }
        else if (h.what.op == 0x13) { h.labels.push_front(2); }
        else if (h.what.op == 0x14) { h.labels[1] = h.labels[0]; }
        else if (h.what.op == 0x15 && h.labels[0] == h.labels[1]) { h.note.flags = 0xee; }
        else if (h.what.op == 0x21) { h.copy = h.opts; h.opts.setInvalid(); }
        else if (h.what.op == 0x30) { h.either.large.setValid(); h.either.large = { 0x99, 0x123456 }; }
        kinds.apply();
        if (h.either.isValid()) { h.note.flags = h.note.flags | 0x80; }
        s.egress_spec = 1;
    }
}

control Leave(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply { } }
control Checks(inout headers_t h, inout meta_t m) { apply { } }
control D(packet_out p, in headers_t h) {
    apply {
        p.emit(h.note); p.emit(h.what); p.emit(h.labels); p.emit(h.opts); p.emit(h.copy);
        p.emit(h.either.small); p.emit(h.either.large);
    }
}

V1Switch(P(), Checks(), Forward(), Leave(), Checks(), D()) main;

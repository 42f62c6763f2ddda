// Values wider than 64 bits: 128-bit keys, comparisons, arithmetic and shifts; 200 bits;
// signed and saturating numbers; slices and concatenation.
#include <core.p4>
#include <v1model.p4>

header wide_t {
    bit<8> op;
    bit<128> a;
    bit<128> b;
    bit<128> r;
    bit<8> flag;
}
header narrow_t { bit<8> op; int<16> a; int<16> b; int<16> r; bit<8> flag; }
header huge_t { bit<8> op; bit<200> a; bit<200> b; bit<200> r; }

struct headers_t { wide_t w; narrow_t n; huge_t h; }
struct meta_t { }

parser P(packet_in p, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    state start {
        transition select(p.lookahead<bit<8>>()) {
            0x00 &&& 0xc0: wide;
            0x40 &&& 0xc0: narrow;
            0x80 &&& 0xc0: huge;
            default: reject;
        }
    }
    state wide { p.extract(h.w); transition accept; }
    state narrow { p.extract(h.n); transition accept; }
    state huge { p.extract(h.h); transition accept; }
}

control Forward(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    action set_r(bit<128> v) { h.w.r = v; h.w.flag = 0xe1; }
    action keep(bit<128> mask) { h.w.r = h.w.a & mask; h.w.flag = 0xe2; }
    table exact128 { key = { h.w.a: exact; h.w.b: exact; } actions = { set_r; NoAction; } size = 16; }
    table lpm128 { key = { h.w.a: lpm; } actions = { set_r; keep; NoAction; } size = 16; }
    table ternary128 { key = { h.w.a: ternary; h.w.b: range; } actions = { set_r; NoAction; } size = 16; }
    apply {
        s.egress_spec = 1;
        if (h.w.isValid()) {
            if (h.w.op == 0) { h.w.r = h.w.a + h.w.b; }
            else if (h.w.op == 1) { h.w.r = h.w.a - h.w.b; }
            else if (h.w.op == 2) { h.w.r = h.w.a * h.w.b; }
            else if (h.w.op == 3) { h.w.r = h.w.a << h.w.b[7:0]; }
            else if (h.w.op == 4) { h.w.r = h.w.a >> h.w.b[7:0]; }
            else if (h.w.op == 5) { h.w.r = h.w.a |+| h.w.b; }
            else if (h.w.op == 6) { h.w.r = h.w.a |-| h.w.b; }
            else if (h.w.op == 7) { h.w.r = ~h.w.a ^ h.w.b; }
            else if (h.w.op == 8) { h.w.r = h.w.a[63:0] ++ h.w.b[127:64]; }
            else if (h.w.op == 9) { h.w.r = (bit<128>)h.w.a[99:36]; h.w.r[127:120] = h.w.b[7:0]; }
            else if (h.w.op == 10) {
                h.w.flag = 0;
                if (h.w.a == h.w.b) { h.w.flag = h.w.flag | 1; }
                if (h.w.a < h.w.b) { h.w.flag = h.w.flag | 2; }
                if (h.w.a >= h.w.b) { h.w.flag = h.w.flag | 4; }
                if (h.w.a + 1 == h.w.b) { h.w.flag = h.w.flag | 8; }
                if ((int<128>)h.w.a < (int<128>)h.w.b) { h.w.flag = h.w.flag | 16; }
                if (h.w.a == 0xfd000000000000000000000000000001) { h.w.flag = h.w.flag | 32; }
            }
            else if (h.w.op == 16) { exact128.apply(); }
            else if (h.w.op == 17) { lpm128.apply(); }
            else if (h.w.op == 18) { ternary128.apply(); }
        } else if (h.n.isValid()) {
            if (h.n.op == 0x40) { h.n.r = h.n.a + h.n.b; }
            else if (h.n.op == 0x41) { h.n.r = h.n.a - h.n.b; }
            else if (h.n.op == 0x42) { h.n.r = h.n.a |+| h.n.b; }
            else if (h.n.op == 0x43) { h.n.r = h.n.a |-| h.n.b; }
            else if (h.n.op == 0x44) { h.n.r = h.n.a >> 3; }
            else if (h.n.op == 0x45) { h.n.r = -h.n.a; }
            else if (h.n.op == 0x46) { h.n.r = h.n.a * h.n.b; }
            h.n.flag = 0;
            if (h.n.a < h.n.b) { h.n.flag = 1; }
            if (h.n.a > 0) { h.n.flag = h.n.flag | 2; }
            if (h.n.r < 0) { h.n.flag = h.n.flag | 4; }
        } else if (h.h.isValid()) {
            if (h.h.op == 0x80) { h.h.r = h.h.a + h.h.b; }
            else if (h.h.op == 0x81) { h.h.r = h.h.a - h.h.b; }
            else if (h.h.op == 0x82) { h.h.r = h.h.a; }
            else if (h.h.op == 0x83) { h.h.r = h.h.a << 77; }
            else if (h.h.op == 0x84) { h.h.r = h.h.a >> 77; }
            else if (h.h.op == 0x85) { h.h.r = h.h.a & h.h.b; }
            else if (h.h.op == 0x86 && h.h.a > h.h.b) { h.h.r = 1; }
            else if (h.h.op == 0x87) { h.h.r = (bit<200>)h.h.a[190:100]; }
        } else {
            mark_to_drop(s);
        }
    }
}

control Leave(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply { } }
control Checks(inout headers_t h, inout meta_t m) { apply { } }
control D(packet_out p, in headers_t h) { apply { p.emit(h.w); p.emit(h.n); p.emit(h.h); } }

V1Switch(P(), Checks(), Forward(), Leave(), Checks(), D()) main;

// Headers that nothing writes: taken away, and put out in another order than they came in.
#include <core.p4>
#include <v1model.p4>

header a_t { bit<8> what; bit<8> rest; }
header b_t { bit<4> x; bit<12> y; }
header c_t { bit<24> z; }

struct headers_t { a_t a; b_t b; c_t c; }
struct meta_t { }

parser P(packet_in p, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    state start {
        p.extract(h.a);
        p.extract(h.b);
        p.extract(h.c);
        transition accept;
    }
}

control Check(inout headers_t h, inout meta_t m) { apply { } }

control Forward(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    apply {
        s.egress_spec = 1;
        if (h.a.what & 1 != 0) { h.a.setInvalid(); }
        if (h.a.isValid() && h.a.what & 2 != 0) { h.b.setInvalid(); }
        if (h.a.isValid() && h.a.what & 4 != 0) { h.c.setInvalid(); }
        if (h.a.isValid() && h.a.what & 8 != 0) { truncate(3); }
    }
}

control Leave(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply { } }

control Sums(inout headers_t h, inout meta_t m) { apply { } }

control Emit(packet_out p, in headers_t h) {
    apply {
        p.emit(h.b);
        p.emit(h.c);
        p.emit(h.a);
    }
}

V1Switch(P(), Check(), Forward(), Leave(), Sums(), Emit()) main;

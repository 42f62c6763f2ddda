// Where bmv2 aborts, or gives what is left in memory, or has what we have not.
#include <core.p4>
#include <v1model.p4>

header op_t { bit<8> op; bit<8> a; bit<16> result; }
header cell_t { bit<8> v; }
header ghost_t { bit<16> v; }
struct headers { op_t op; cell_t[3] cells; ghost_t ghost; }
struct metadata { bit<16> copy; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.op);
        transition select(h.op.op) { 1: ahead; 3: cells; 9: spin; default: accept; }
    }
    state ahead { m.copy = (bit<16>)p.lookahead<bit<64>>(); transition accept; }
    state spin { transition select(h.op.a) { 0: spin; default: accept; } }
    state cells { p.extract(h.cells.next); p.extract(h.cells.next); p.extract(h.cells.next); transition accept; }
}
control V(inout headers h, inout metadata m) { apply { } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    register<int<16>>(1) signed;
    direct_counter(CounterType.packets) hits;
    action none() { hits.count(); }
    table counted {
        key = { h.op.a: exact; }
        actions = { none; }
        default_action = none();
        counters = hits;
    }
    action found() { h.op.result = 0xa; }
    table masked {
        key = { h.op.a & 0x0f: exact @name("low"); }
        actions = { found; NoAction; }
        default_action = NoAction();
    }
    apply {
        s.egress_spec = 1;
        if (h.op.op == 1) {
            if (s.parser_error == error.PacketTooShort) { h.op.result = 0xbad; }
        } else if (h.op.op == 2) {
            assert(h.op.a == 1);
            h.op.result = 2;
        } else if (h.op.op == 3) {
            h.cells[h.op.a].v = 0x77;
            h.op.result = (bit<16>)h.cells[h.op.a].v;
        } else if (h.op.op == 4) {
            h.op.result = h.ghost.v + 0x100;
        } else if (h.op.op == 5) {
            int<16> x;
            signed.write(0, -16s5);
            signed.read(x, 0);
            if (x < 0) { h.op.result = 0x5; }
        } else if (h.op.op == 6) {
            truncate(3);
            s.mcast_grp = 1;
        } else if (h.op.op == 9) {
            if (s.parser_error != error.NoError) { h.op.result = 0x9; }
        } else if (h.op.op == 10) {
            masked.apply();
        } else if (h.op.op == 8) {
            counted.apply();
        }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    apply {
        if (h.op.op == 7) {
            if (s.egress_global_timestamp == s.ingress_global_timestamp && s.enq_timestamp == (bit<32>)s.ingress_global_timestamp
                && s.enq_qdepth == 0 && s.deq_qdepth == 0 && s.deq_timedelta == 0) {
                h.op.result = 0x7;
            }
        }
    }
}
control C(inout headers h, inout metadata m) { apply { } }
control D(packet_out p, in headers h) { apply { p.emit(h.op); p.emit(h.cells); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

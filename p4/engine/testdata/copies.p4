// Copies of packets: multicast, clones of both kinds with and without metadata, several
// replicas, resubmission, recirculation, truncation, drops at both ends. The first byte
// says what to do; the log that each pass writes into the packet says what it saw.
#include <core.p4>
#include <v1model.p4>

header todo_t { bit<8> op; bit<16> arg; }
header seen_t { bit<8> instance; bit<8> tag; bit<16> length; bit<16> rid; bit<16> inport; bit<16> outport; }

struct headers_t { todo_t todo; seen_t seen; }
struct meta_t {
    @field_list(1, 2) bit<8> tag;
    bit<8> lost;
}

parser P(packet_in p, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    state start { p.extract(h.todo); transition accept; }
}

control Forward(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    apply {
        s.egress_spec = 2;
        if (s.instance_type == 6) {            // resubmitted
            s.egress_spec = 3;
            m.lost = m.lost + 1;
        } else if (s.instance_type == 4) {     // recirculated
            s.egress_spec = 4;
            if (h.todo.op == 0x17) { h.todo.op = 0x18; s.mcast_grp = h.todo.arg; }
            else { h.todo.op = 0x33; }
        } else {
            m.tag = 0x77;
            m.lost = 0x66;
            if (h.todo.op == 1) { s.mcast_grp = h.todo.arg; }
            else if (h.todo.op == 2) { clone_preserving_field_list(CloneType.I2E, (bit<32>)h.todo.arg, 1); }
            else if (h.todo.op == 3) { clone(CloneType.I2E, (bit<32>)h.todo.arg); mark_to_drop(s); }
            else if (h.todo.op == 4) { resubmit_preserving_field_list(2); }
            else if (h.todo.op == 5) { truncate((bit<32>)h.todo.arg); }
            else if (h.todo.op == 6) { s.mcast_grp = h.todo.arg; mark_to_drop(s); }
            else if (h.todo.op == 7) { s.mcast_grp = h.todo.arg; s.egress_spec = 511; }
            else if (h.todo.op == 8) { s.egress_spec = 511; }
            if (h.todo.op != 0x17) { h.todo.arg = 0xaaaa; }
        }
    }
}

control Leave(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    apply {
        h.seen.setValid();
        h.seen.instance = (bit<8>)s.instance_type;
        h.seen.tag = m.tag | m.lost;
        h.seen.length = (bit<16>)s.packet_length;
        h.seen.rid = s.egress_rid;
        h.seen.inport = (bit<16>)s.ingress_port;
        h.seen.outport = (bit<16>)s.egress_port;
        if (s.instance_type == 0 || s.instance_type == 5) {
            if (h.todo.op == 0x11) { clone_preserving_field_list(CloneType.E2E, (bit<32>)5, 1); }
            else if (h.todo.op == 0x12) { clone(CloneType.E2E, (bit<32>)5); mark_to_drop(s); }
            else if (h.todo.op == 0x13 || h.todo.op == 0x17 || h.todo.op == 0x18) { recirculate_preserving_field_list(1); }
            else if (h.todo.op == 0x14) { truncate(7); }
            else if (h.todo.op == 0x15) { mark_to_drop(s); }
            else if (h.todo.op == 1 && s.egress_port == 12) { mark_to_drop(s); }
        } else if (s.instance_type == 2 && h.todo.op == 0x16) {
            clone(CloneType.E2E, (bit<32>)5);
        }
    }
}

control Checks(inout headers_t h, inout meta_t m) { apply { } }
control D(packet_out p, in headers_t h) { apply { p.emit(h.todo); p.emit(h.seen); } }

V1Switch(P(), Checks(), Forward(), Leave(), Checks(), D()) main;

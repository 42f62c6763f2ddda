// More packets from one: multicast, clones of both pipelines with preserved fields,
// resubmission and recirculation, each started by a table.
#include "headers.p4"

header op_t { bit<8> op; bit<8> arg; bit<8> count; bit<8> trace; }
struct headers { ethernet_t eth; op_t op; }
struct metadata {
    @field_list(1, 2) bit<8> passes;
    @field_list(1) bit<16> mark;
    @field_list(2) bit<8> round;
    bit<8> lost;
}

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start { p.extract(h.eth); p.extract(h.op); transition accept; }
}
control V(inout headers h, inout metadata m) { apply { } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    counter(8, CounterType.packets) instances;
    action drop() { mark_to_drop(s); }
    action send(bit<9> port) { s.egress_spec = port; }
    action multicast(bit<16> group) { s.mcast_grp = group; }
    action both(bit<16> group, bit<9> port) { s.mcast_grp = group; s.egress_spec = port; }
    action copy(bit<9> port, bit<32> session, bit<16> mark) {
        m.mark = mark;
        clone_preserving_field_list(CloneType.I2E, session, 1);
        s.egress_spec = port;
    }
    action copy_bare(bit<9> port, bit<32> session) { clone(CloneType.I2E, session); s.egress_spec = port; }
    action again(bit<8> op) { h.op.op = op; m.passes = m.passes + 1; m.round = 1; resubmit_preserving_field_list(2); }
    table ingress_op {
        key = { h.op.op: exact; m.passes: ternary; s.instance_type: ternary; }
        actions = { drop; send; multicast; both; copy; copy_bare; again; }
        default_action = drop;
    }
    apply {
        instances.count(s.instance_type);
        m.lost = 1;
        h.op.trace = h.op.trace + 1;
        if (m.passes > 2 || !h.op.isValid()) { drop(); } else { ingress_op.apply(); }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    counter(8, CounterType.packets_and_bytes) instances;
    action drop() { mark_to_drop(s); }
    action stamp(bit<8> v) { h.op.trace = v; h.eth.src[15:0] = s.egress_rid; }
    action copy(bit<32> session, bit<16> mark) { m.mark = mark; clone_preserving_field_list(CloneType.E2E, session, 1); h.op.trace = 0x77; }
    action around(bit<8> op) { h.op.op = op; m.passes = m.passes + 1; recirculate_preserving_field_list(1); }
    table egress_op {
        key = { h.op.arg: exact; s.instance_type: ternary; s.egress_rid: ternary; m.passes: ternary; }
        actions = { drop; stamp; copy; around; NoAction; }
        default_action = NoAction;
    }
    apply {
        instances.count(s.instance_type);
        h.op.count = h.op.count + 1;
        if (m.passes < 2 && h.op.count < 4 && s.instance_type != 2) { egress_op.apply(); }
        h.eth.dst = m.mark ++ m.passes ++ m.round ++ m.lost ++ (bit<8>)s.instance_type;
        if (s.instance_type == 0) { h.eth.src[47:16] = s.packet_length; }
    }
}
control C(inout headers h, inout metadata m) { apply { } }
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

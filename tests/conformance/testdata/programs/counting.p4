// State and arithmetic: counters, meters and registers of every kind, and what P4's
// operators do at the edges of their widths.
#include "headers.p4"

header sample_t {
    bit<8> op; bit<8> index; bit<32> a; bit<32> b; int<16> x; int<16> y; bit<7> narrow; bit<1> flag; bit<72> wide; bit<64> result;
    bit<128> huge;
}
struct headers { ethernet_t eth; sample_t calc; }
struct metadata { bit<2> color; bit<2> port_color; bit<8> class; }

parser P(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.eth);
        transition select(h.eth.type) { 0x1234: sample; 0x1200 &&& 0xff00: skip; default: accept; }
    }
    state skip { p.advance(16); transition sample; }
    state sample { p.extract(h.calc); transition accept; }
}
control V(inout headers h, inout metadata m) { apply { } }
control I(inout headers h, inout metadata m, inout standard_metadata_t s) {
    counter(16, CounterType.packets) per_op;
    counter(256, CounterType.bytes) per_index;
    @max_width(32) counter(8, CounterType.packets_and_bytes) per_port;
    direct_counter(CounterType.packets_and_bytes) hits;
    meter(8, MeterType.packets) port_meter;
    direct_meter<bit<2>>(MeterType.bytes) op_meter;
    register<bit<32>>(64) sums;
    register<bit<72>>(16) wides;
    register<int<16>>(4) signed;
    register<bit<1>>(256) seen;
    action drop() { op_meter.read(m.color); hits.count(); mark_to_drop(s); }
    action arithmetic() {
        op_meter.read(m.color); hits.count();
        h.calc.result[31:0] = h.calc.a + h.calc.b;
        h.calc.result[63:32] = h.calc.a * h.calc.b - 7;
        h.calc.x = h.calc.x |+| h.calc.y;
        h.calc.narrow = h.calc.narrow |-| 5;
        h.calc.wide = h.calc.wide + 72w0xffffffffffffffffff;
    }
    action logic(bit<32> mask) {
        op_meter.read(m.color); hits.count();
        h.calc.a = (h.calc.a & mask) | (h.calc.b ^ ~mask);
        h.calc.result = h.calc.wide[70:7];
        h.calc.huge = h.calc.huge ^ (h.calc.wide ++ h.calc.wide[55:0]);
        h.calc.flag = (bit<1>)(h.calc.x < h.calc.y);
    }
    action shifts(bit<8> n) {
        op_meter.read(m.color); hits.count();
        h.calc.b = h.calc.a << n;
        h.calc.a = h.calc.a >> h.calc.index;
        h.calc.x = h.calc.x >> 3;
        h.calc.y = h.calc.y << n[2:0];
        h.calc.huge = h.calc.huge << n;
        h.calc.wide = h.calc.wide >> n;
    }
    action accumulate(bit<32> slot) {
        bit<32> old;
        op_meter.read(m.color); hits.count();
        sums.read(old, slot);
        old = old + h.calc.a;
        sums.write(slot, old);
        h.calc.result = 32w0 ++ old;
    }
    action remember() {
        bit<72> w;
        int<16> x;
        bit<1> again;
        op_meter.read(m.color); hits.count();
        wides.read(w, (bit<32>)h.calc.index);
        wides.write((bit<32>)h.calc.index, h.calc.wide);
        signed.read(x, (bit<32>)h.calc.index & 3);
        signed.write((bit<32>)h.calc.index & 3, h.calc.x);
        seen.read(again, (bit<32>)h.calc.index);
        seen.write((bit<32>)h.calc.index, 1);
        h.calc.wide = w;
        h.calc.result[15:0] = (bit<16>)x;
        h.calc.flag = again;
    }
    table operation {
        key = { h.calc.op: exact; }
        actions = { arithmetic; logic; shifts; accumulate; remember; drop; }
        default_action = drop;
        counters = hits;
        meters = op_meter;
        size = 32;
    }
    action count_op() { per_op.count((bit<32>)h.calc.op); }
    action count_class(bit<8> class) { per_index.count((bit<32>)class); m.class = class; }
    table classes {
        key = { h.calc.x: ternary; h.calc.a: range; h.calc.wide: ternary; h.calc.huge: lpm; }
        actions = { count_op; count_class; NoAction; }
        default_action = count_op;
    }
    apply {
        per_port.count((bit<32>)s.ingress_port);
        port_meter.execute_meter((bit<32>)s.ingress_port, m.port_color);
        if (!h.calc.isValid()) { mark_to_drop(s); return; }
        classes.apply();
        operation.apply();
        if (s.egress_spec != 511) { s.egress_spec = (bit<9>)(h.calc.index & 7); }
    }
}
control E(inout headers h, inout metadata m, inout standard_metadata_t s) {
    register<bit<48>>(512) bytes;
    apply {
        bit<48> n;
        @atomic {
            bytes.read(n, (bit<32>)s.egress_port);
            n = n + (bit<48>)s.packet_length;
            bytes.write((bit<32>)s.egress_port, n);
        }
        h.eth.dst = n;
        h.eth.src = 36w0 ++ m.color ++ m.port_color ++ m.class;
        if (h.calc.x == -16s5 || (int<32>)h.calc.y > 1000) { h.eth.type = h.eth.type + 1; }
        h.calc.b = h.calc.a > h.calc.b ? h.calc.a - h.calc.b : h.calc.b - h.calc.a;
        h.calc.x = (int<16>)(-h.calc.y);
    }
}
control C(inout headers h, inout metadata m) { apply { } }
control D(packet_out p, in headers h) { apply { p.emit(h); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;

// What lives longer than a packet: registers, indexed and direct meters, action profile
// and selector, digests, a value set, random numbers, hashes.
#include <core.p4>
#include <v1model.p4>

header in_t { bit<8> op; bit<16> x; bit<32> y; bit<32> r; }

struct headers_t { in_t i; }
struct learned_t { bit<16> x; bit<9> port; }
struct meta_t { bit<2> colour; }

parser P(packet_in p, out headers_t h, inout meta_t m, inout standard_metadata_t s) {
    value_set<bit<16>>(4) special;
    state start {
        p.extract(h.i);
        transition select(h.i.x) {
            special: marked;
            default: accept;
        }
    }
    state marked { h.i.r = 0x5e7; transition accept; }
}

control Forward(inout headers_t h, inout meta_t m, inout standard_metadata_t s) {
    register<bit<32>>(8) sums;
    register<bit<100>>(4) wide;
    meter(4, MeterType.bytes) limits;
    direct_meter<bit<2>>(MeterType.packets) each;
    action_profile(16) shared;
    action_selector(HashAlgorithm.crc16, 16, 14) paths;

    action colour_it() { each.read(m.colour); }
    table metered {
        key = { h.i.x: exact; }
        actions = { colour_it; NoAction; }
        meters = each;
        size = 8;
    }
    action send(bit<9> port) { s.egress_spec = port; }
    action send_value(bit<9> port, bit<32> v) { s.egress_spec = port; h.i.r = v; }
    table by_profile {
        key = { h.i.x: exact; }
        actions = { send; send_value; NoAction; }
        implementation = shared;
        size = 8;
    }
    table by_path {
        key = { h.i.x: exact; h.i.y: selector; }
        actions = { send; send_value; NoAction; }
        implementation = paths;
        size = 8;
    }
    table aged {
        key = { h.i.x: exact; }
        actions = { send; NoAction; }
        support_timeout = true;
        size = 8;
    }
    apply {
        s.egress_spec = 1;
        if (h.i.op == 1) {
            bit<32> v;
            sums.read(v, (bit<32>)h.i.x);
            v = v + h.i.y;
            sums.write((bit<32>)h.i.x, v);
            h.i.r = v;
        } else if (h.i.op == 2) {
            bit<100> w;
            wide.read(w, (bit<32>)h.i.x);
            w = (w << 40) + (bit<100>)h.i.y;
            wide.write((bit<32>)h.i.x, w);
            h.i.r = w[99:68];
        } else if (h.i.op == 3) {
            limits.execute_meter((bit<32>)h.i.x, m.colour);
            h.i.r = (bit<32>)m.colour;
        } else if (h.i.op == 4) {
            metered.apply();
            h.i.r = (bit<32>)m.colour;
        } else if (h.i.op == 5) {
            by_profile.apply();
        } else if (h.i.op == 6) {
            by_path.apply();
        } else if (h.i.op == 7) {
            digest<learned_t>(1, { h.i.x, s.ingress_port });
        } else if (h.i.op == 8) {
            random(h.i.r, 10, 20);
        } else if (h.i.op == 9) {
            hash(h.i.r, HashAlgorithm.crc32, 32w0, { h.i.x, h.i.y }, 64w0x100000000);
        } else if (h.i.op == 10) {
            hash(h.i.r, HashAlgorithm.crc16, 32w100, { h.i.x, h.i.y }, 32w1000);
        } else if (h.i.op == 11) {
            hash(h.i.r, HashAlgorithm.csum16, 32w0, { h.i.x, h.i.y }, 32w0x10000);
        } else if (h.i.op == 12) {
            hash(h.i.r, HashAlgorithm.xor16, 32w0, { h.i.x, h.i.y }, 32w0x10000);
        } else if (h.i.op == 13) {
            hash(h.i.r, HashAlgorithm.identity, 32w0, { h.i.y }, 64w0x100000000);
        } else if (h.i.op == 14) {
            aged.apply();
        } else if (h.i.op == 16) {
            hash(h.i.x, HashAlgorithm.crc32, 16w0, { h.i.y }, 64w0x100000000);
            h.i.r = (bit<32>)h.i.x;
        } else if (h.i.op == 15) {
            assert(h.i.x != 0);
            log_msg("x is {}, y is {}", { h.i.x, h.i.y });
        }
    }
}

control Leave(inout headers_t h, inout meta_t m, inout standard_metadata_t s) { apply { } }
control Checks(inout headers_t h, inout meta_t m) { apply { } }
control D(packet_out p, in headers_t h) { apply { p.emit(h.i); } }

V1Switch(P(), Checks(), Forward(), Leave(), Checks(), D()) main;

// One object of every kind that the P4Runtime server has to serve.
#include <core.p4>
#include <v1model.p4>

#define CPU_PORT 510

header ethernet_t {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

@controller_header("packet_in")
header packet_in_t {
    bit<9>  ingress_port;
    bit<7>  reason;
}

@controller_header("packet_out")
header packet_out_t {
    bit<9>  egress_port;
    bit<1>  through_tables;
    bit<6>  pad;
}

struct headers_t {
    packet_in_t  packet_in;
    packet_out_t packet_out;
    ethernet_t   ethernet;
}

struct metadata_t {
    bit<2>  color;
    bit<16> class;
}

struct learn_t {
    bit<48> mac;
    bit<9>  port;
}

parser prs(packet_in p, out headers_t h, inout metadata_t m, inout standard_metadata_t s) {
    value_set<bit<16>>(4) refused_types;

    state start {
        transition select(s.ingress_port) {
            CPU_PORT: packet_out;
            default:  ethernet;
        }
    }
    state packet_out {
        p.extract(h.packet_out);
        transition ethernet;
    }
    state ethernet {
        p.extract(h.ethernet);
        transition select(h.ethernet.type) {
            refused_types: refused;
            default:       accept;
        }
    }
    state refused {
        m.class = 0xdead;
        transition accept;
    }
}

control verify_sums(inout headers_t h, inout metadata_t m) { apply { } }

control ingress(inout headers_t h, inout metadata_t m, inout standard_metadata_t s) {
    direct_counter(CounterType.packets_and_bytes) mac_hits;
    direct_meter<bit<2>>(MeterType.packets) acl_meter;
    counter(16, CounterType.packets_and_bytes) per_port;
    meter(8, MeterType.bytes) per_class;
    register<bit<48>>(8) last_source;
    action_selector(HashAlgorithm.crc16, 32, 14) spread;
    action_profile(8) shared;

    action drop() { mark_to_drop(s); }
    action forward(bit<9> port) { s.egress_spec = port; }
    action flood(bit<16> group) { s.mcast_grp = group; }
    action to_cpu(bit<7> reason) {
        s.egress_spec = CPU_PORT;
        m.class = (bit<16>) reason;
    }
    action mirror(bit<32> session) { clone(CloneType.I2E, session); }
    action classify(bit<16> class) { m.class = class; }
    action learn() { digest<learn_t>(1, { h.ethernet.src, s.ingress_port }); }
    action permit() { }

    // Exact match, direct counter, idle timeout.
    table mac {
        key = { h.ethernet.dst: exact @name("dst"); }
        actions = { forward; flood; to_cpu; drop; @defaultonly NoAction; }
        default_action = NoAction();
        counters = mac_hits;
        support_timeout = true;
        size = 64;
    }
    // Ternary, range and optional, direct meter.
    table acl {
        key = {
            h.ethernet.src:  ternary  @name("src");
            h.ethernet.type: range    @name("type");
            s.ingress_port:  optional @name("port");
        }
        actions = { drop; permit; mirror; @tableonly to_cpu; @defaultonly classify; }
        default_action = permit();
        meters = acl_meter;
        size = 32;
    }
    // Longest prefix, and an exact field beside it.
    table prefix {
        key = {
            s.ingress_port: exact @name("port");
            h.ethernet.dst: lpm   @name("dst");
        }
        actions = { classify; NoAction; }
        const default_action = NoAction();
        size = 32;
    }
    // Entries that cannot change.
    table fixed_types {
        key = { h.ethernet.type: ternary @name("type"); }
        actions = { classify; NoAction; }
        const entries = {
            0x0800: classify(4);
            0x86dd: classify(6);
            0x8000 &&& 0xf000: classify(8);
        }
        default_action = NoAction();
    }
    // Entries to start with; one of them cannot change.
    table initial_types {
        key = { h.ethernet.type: exact @name("type"); }
        actions = { classify; NoAction; }
        entries = {
            const 0x0806: classify(1);
            0x88b5: classify(2);
        }
        default_action = NoAction();
        size = 16;
    }
    table learning {
        key = { h.ethernet.src: exact @name("src"); }
        actions = { NoAction; learn; }
        default_action = NoAction();
        size = 64;
    }
    table nexthop {
        key = { m.class: exact @name("class"); h.ethernet.src: selector; h.ethernet.dst: selector; }
        actions = { forward; NoAction; }
        implementation = spread;
        size = 16;
    }
    table service {
        key = { m.class: exact @name("class"); }
        actions = { forward; classify; NoAction; }
        implementation = shared;
        size = 16;
    }
    table keyless {
        actions = { NoAction; classify; }
        default_action = NoAction();
    }

    apply {
        per_port.count((bit<32>) s.ingress_port & 0xf);
        last_source.write((bit<32>) s.ingress_port & 7, h.ethernet.src);
        if (h.packet_out.isValid() && h.packet_out.through_tables == 0) {
            s.egress_spec = h.packet_out.egress_port;
            h.packet_out.setInvalid();
        } else {
            h.packet_out.setInvalid();
            keyless.apply();
            fixed_types.apply();
            initial_types.apply();
            prefix.apply();
            learning.apply();
            acl.apply();
            acl_meter.read(m.color);
            per_class.execute_meter<bit<2>>((bit<32>) m.class & 7, m.color);
            nexthop.apply();
            service.apply();
            mac.apply();
        }
    }
}

control egress(inout headers_t h, inout metadata_t m, inout standard_metadata_t s) {
    apply {
        if (s.egress_port == CPU_PORT) {
            h.packet_in.setValid();
            h.packet_in.ingress_port = s.ingress_port;
            h.packet_in.reason = (bit<7>) m.class;
        }
    }
}

control compute_sums(inout headers_t h, inout metadata_t m) { apply { } }

control deparse(packet_out p, in headers_t h) {
    apply {
        p.emit(h.packet_in);
        p.emit(h.ethernet);
    }
}

V1Switch(prs(), verify_sums(), ingress(), egress(), compute_sums(), deparse()) main;

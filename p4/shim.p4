/* The end host: an edge with one endpoint behind it, and the specification of the eBPF data plane.
 *
 * Port 1 is the host's side and port 2 the network's. What the host sends is guarded, matched to a
 * destination, judged by the policy, and steered into a chain if one selects it; then it leaves
 * in NSH (docs/wire.md), or unchanged where the destination is a port: a host with a shim of its own in
 * the same layer-2 domain. What the network sends is for this edge in NSH, or unchanged from a source
 * that may do so (an entry of `source` for port 2), and goes to the host or nowhere.
 *
 * Tables, actions and fields that mean what they mean in pillion.p4 have the same names; so does the
 * parser, which is the same text.
 */
#include <core.p4>
#include <v1model.p4>
#include "headers.p4"

const bit<9> PORT_HOST    = 1;
const bit<9> PORT_NETWORK = 2;

const bit<24> SPI_PLAIN = 0xFFFFFF;  // unicast that no chain selects
const bit<8>  SI_FIRST  = 255;
const bit<6>  NSH_TTL   = 63;
const bit<8>  FLAG_COPY = 1;

const bit<32> INSTANCE_INGRESS_CLONE = 1;
const bit<32> INSTANCE_REPLICATION   = 5;

/* What a port is for; the value of meta.role. 0: nothing, and its frames are dropped. */
const bit<2> ROLE_ENDPOINT = 1;
const bit<2> ROLE_FABRIC   = 3;

/* What is to be done with the frame when all has been decided. */
const bit<3> FATE_DROP      = 0;
const bit<3> FATE_ANSWER    = 1;  // ARP or neighbour advertisement, back to the host
const bit<3> FATE_DELIVER   = 2;  // the original frame, out of a port
const bit<3> FATE_FORWARD   = 3;  // in NSH, towards meta.next_locator
const bit<3> FATE_REPLICATE = 4;

/* Why a frame was dropped: indexes of the counter `drops`, the same in pillion.p4. */
const bit<8> DROP_MALFORMED       = 0;
const bit<8> DROP_PORT            = 1;
const bit<8> DROP_ENCAPSULATION   = 2;
const bit<8> DROP_TTL             = 3;
const bit<8> DROP_PROTOCOL        = 4;
const bit<8> DROP_SOURCE          = 5;
const bit<8> DROP_DESTINATION     = 6;
const bit<8> DROP_MAC             = 7;
const bit<8> DROP_POLICY          = 8;
const bit<8> DROP_FRAGMENT        = 9;
const bit<8> DROP_MEMBERSHIP      = 10;
const bit<8> DROP_MULTICAST       = 11;
const bit<8> DROP_CLOSED          = 13;
const bit<8> DROP_PATH            = 14;
const bit<8> DROP_ROUTE           = 15;
const bit<8> DROP_RESOLUTION      = 16;

struct meta_t {
    bit<2>  role;
    bit<3>  fate;
    bit<8>  reason;
    bit<1>  done;          // the fate is decided
    bit<1>  malformed;
    bit<1>  returning;     // always 0: no middlebox is behind an end host
    bit<1>  arrived;       // came in NSH for this edge
    bit<1>  own_answers;   // the destination answers ARP and ND for this address
    bit<1>  known;         // the destination is one that this host may send to
    bit<1>  here;          // and it is behind a port
    bit<1>  selected;      // by a chain
    mac_t   locator;       // of this edge
    mac_t   came_from;     // always 0: no trunk here
    addr_t  src;
    addr_t  dst;
    mac_t   dst_mac;
    bit<9>  dst_port;
    mac_t   dst_locator;
    bit<16> dst_tree;
    bit<32> dst_identity;

    /* The conversation: the packet's own, or for an ICMP error the one that it quotes, turned round. */
    addr_t  flow_src;
    addr_t  flow_dst;
    bit<8>  proto;
    bit<16> sport;
    bit<16> dport;
    bit<1>  ports_known;
    bit<1>  later_fragment;
    bit<1>  syn_only;
    bit<1>  lower;         // (flow_src, sport) < (flow_dst, dport)
    bit<1>  quotes;        // an ICMP error

    bit<32> ruleset;
    bit<32> chainset;
    bit<32> slot;
    bit<32> gate_type;
    bit<1>  gate_reverse;
    bit<32> tapset;
    bit<16> session;

    mac_t   next_locator;

    @field_list(1) bit<24> spi;
    @field_list(1) bit<8>  si;
    @field_list(1) bit<8>  flags;
    @field_list(1) bit<16> tree;
    @field_list(1) bit<32> tenant;
    @field_list(1) bit<32> identity;
    @field_list(1) bit<16> bucket;
    @field_list(1) mac_t   own_locator;
}

parser parse(packet_in packet, out headers_t hdr, inout meta_t meta,
             inout standard_metadata_t standard_metadata) {
    state start {
        bit<112> first = packet.lookahead<bit<112>>();
        transition select(first[15:0]) {
            ETHERTYPE_NSH: encapsulated;
            default: ethernet;
        }
    }
    state encapsulated {
        packet.extract(hdr.outer);
        packet.extract(hdr.nsh);
        transition select(hdr.nsh.version, hdr.nsh.length, hdr.nsh.md_type, hdr.nsh.next) {
            (0, 6, 1, 3): ethernet;
            default: malformed;
        }
    }
    state ethernet {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.type) {
            ETHERTYPE_IPV4: ipv4;
            ETHERTYPE_IPV6: ipv6;
            ETHERTYPE_ARP: arp;
            default: accept;
        }
    }
    /* bmv2 accepts where P4 says reject, so malformed frames are marked. */
    state malformed {
        meta.malformed = 1;
        transition accept;
    }
    state arp {
        packet.extract(hdr.arp);
        transition accept;
    }
    state ipv4 {
        packet.extract(hdr.ipv4);
        meta.src = 80w0 ++ 16w0xFFFF ++ hdr.ipv4.src;
        meta.dst = 80w0 ++ 16w0xFFFF ++ hdr.ipv4.dst;
        meta.flow_src = 80w0 ++ 16w0xFFFF ++ hdr.ipv4.src;
        meta.flow_dst = 80w0 ++ 16w0xFFFF ++ hdr.ipv4.dst;
        meta.proto = hdr.ipv4.protocol;
        transition select(hdr.ipv4.version, hdr.ipv4.ihl) {
            (4, 5): ipv4_payload;
            (4, 6 .. 15): ipv4_options;
            default: malformed;
        }
    }
    state ipv4_options {
        packet.extract(hdr.ipv4_options, ((bit<32>)hdr.ipv4.ihl - 5) << 5);
        transition ipv4_payload;
    }
    state ipv4_payload {
        transition select(hdr.ipv4.offset, hdr.ipv4.protocol) {
            (0, PROTO_TCP): tcp;
            (0, PROTO_UDP): udp;
            (0, PROTO_ICMP): icmp;
            (0, _): accept;
            (1, PROTO_TCP): malformed;  // RFC 3128: would overwrite the ports and flags
            default: later_fragment;
        }
    }
    state later_fragment {
        meta.later_fragment = 1;
        transition accept;
    }
    state ipv6 {
        packet.extract(hdr.ipv6);
        meta.src = hdr.ipv6.src;
        meta.dst = hdr.ipv6.dst;
        meta.flow_src = hdr.ipv6.src;
        meta.flow_dst = hdr.ipv6.dst;
        meta.proto = hdr.ipv6.next;
        transition select(hdr.ipv6.version, hdr.ipv6.next) {
            (6, PROTO_TCP): tcp;
            (6, PROTO_UDP): udp;
            (6, PROTO_ICMPV6): icmpv6;
            (6, PROTO_FRAGMENT): ipv6_fragment;
            (6, _): accept;
            default: malformed;
        }
    }
    state ipv6_fragment {
        packet.extract(hdr.ipv6_fragment);
        meta.proto = hdr.ipv6_fragment.next;
        transition select(hdr.ipv6_fragment.offset, hdr.ipv6_fragment.next) {
            (0, PROTO_TCP): tcp;
            (0, PROTO_UDP): udp;
            (0, PROTO_ICMPV6): icmpv6;
            (0, _): accept;
            (1, PROTO_TCP): malformed;
            (_, PROTO_ICMPV6): icmpv6_later_fragment;
            default: later_fragment;
        }
    }
    state icmpv6_later_fragment {
        meta.proto = PROTO_ICMP;
        meta.later_fragment = 1;
        transition accept;
    }
    state tcp {
        packet.extract(hdr.tcp);
        meta.sport = hdr.tcp.src;
        meta.dport = hdr.tcp.dst;
        meta.ports_known = 1;
        meta.syn_only = hdr.tcp.syn & ~hdr.tcp.ack;
        transition accept;
    }
    state udp {
        packet.extract(hdr.udp);
        meta.sport = hdr.udp.src;
        meta.dport = hdr.udp.dst;
        meta.ports_known = 1;
        transition accept;
    }
    state icmp {
        packet.extract(hdr.icmp);
        transition select(hdr.icmp.type) {
            3: quoted_ipv4;
            4: quoted_ipv4;
            5: quoted_ipv4;
            11: quoted_ipv4;
            12: quoted_ipv4;
            default: accept;
        }
    }
    state quoted_ipv4 {
        packet.extract(hdr.quoted_ipv4);
        meta.quotes = 1;
        meta.flow_src = 80w0 ++ 16w0xFFFF ++ hdr.quoted_ipv4.dst;
        meta.flow_dst = 80w0 ++ 16w0xFFFF ++ hdr.quoted_ipv4.src;
        meta.proto = hdr.quoted_ipv4.protocol;
        transition select(hdr.quoted_ipv4.ihl, hdr.quoted_ipv4.offset, hdr.quoted_ipv4.protocol) {
            (5, 0, PROTO_TCP): quoted_ports;
            (5, 0, PROTO_UDP): quoted_ports;
            (_, 0, PROTO_ICMP): accept;
            (0 .. 4, _, _): malformed;
            (_, _, PROTO_TCP): later_fragment;
            (_, _, PROTO_UDP): later_fragment;
            default: accept;
        }
    }
    state icmpv6 {
        packet.extract(hdr.icmp);
        meta.proto = PROTO_ICMP;  // the policy speaks of ICMP in both families
        transition select(hdr.icmp.type) {
            0 .. 127: quoted_ipv6;
            ICMPV6_NS: neighbour_solicitation;
            default: accept;
        }
    }
    state quoted_ipv6 {
        packet.extract(hdr.quoted_ipv6);
        meta.quotes = 1;
        meta.flow_src = hdr.quoted_ipv6.dst;
        meta.flow_dst = hdr.quoted_ipv6.src;
        meta.proto = hdr.quoted_ipv6.next;
        transition select(hdr.quoted_ipv6.next) {
            PROTO_TCP: quoted_ports;
            PROTO_UDP: quoted_ports;
            PROTO_ICMPV6: quoted_icmpv6;
            PROTO_FRAGMENT: later_fragment;
            default: accept;
        }
    }
    state quoted_icmpv6 {
        meta.proto = PROTO_ICMP;
        transition accept;
    }
    state quoted_ports {
        packet.extract(hdr.quoted_ports);
        meta.sport = hdr.quoted_ports.dst;
        meta.dport = hdr.quoted_ports.src;
        meta.ports_known = 1;
        transition accept;
    }
    state neighbour_solicitation {
        packet.extract(hdr.nd);
        transition select(hdr.ipv6.payload_len) {
            0 .. 31: accept;
            default: neighbour_option;
        }
    }
    state neighbour_option {
        packet.extract(hdr.nd_option);
        transition accept;
    }
}

control verify_sums(inout headers_t hdr, inout meta_t meta) {
    apply { }
}

control ingress(inout headers_t hdr, inout meta_t meta,
                inout standard_metadata_t standard_metadata) {
    counter(32, CounterType.packets_and_bytes) drops;

    action discard(bit<8> reason) {
        meta.fate = FATE_DROP;
        meta.reason = reason;
        meta.done = 1;
    }

    /* --- what is behind the port: the host behind 1, the network behind 2 --------------------- */

    action endpoint(mac_t locator) {
        meta.role = ROLE_ENDPOINT;
        meta.locator = locator;
    }
    action fabric_port(mac_t locator) {
        meta.role = ROLE_FABRIC;
        meta.locator = locator;
    }
    table ports {
        key = { standard_metadata.ingress_port: exact @name("port"); }
        actions = { endpoint; fabric_port; @defaultonly discard; }
        default_action = discard(DROP_PORT);
        size = 2;
    }

    /* --- who sent it -------------------------------------------------------------------- */

    action from(bit<32> identity, bit<32> tenant) {
        meta.identity = identity;
        meta.tenant = tenant;
    }
    action from_link_local() {
        /* May solicit neighbours; nothing link-local is forwarded. */
        meta.identity = 0;
    }
    action from_elsewhere() {
        discard(DROP_SOURCE);
    }
    /* Port 1: what the host may send as. Port 2: who may send to it without encapsulation, because a shim
     * guards them in the same layer-2 domain. */
    table source {
        key = {
            standard_metadata.ingress_port: exact @name("port");
            hdr.ethernet.src: exact @name("mac");
            meta.src: lpm @name("address");
        }
        actions = { from; from_link_local; from_elsewhere; }
        default_action = from_elsewhere();
        size = 32768;
    }

    /* --- where it goes: data, ARP and neighbour discovery ask the same table ------------------- */

    /* Port 1: this host's own address. Port 2: a host in the same layer-2 domain, whose shim knows us. */
    action to_port(bit<9> port, mac_t mac, bit<32> identity, bit<1> answers) {
        meta.known = 1;
        meta.here = 1;
        meta.dst_port = port;
        meta.dst_mac = mac;
        meta.dst_identity = identity;
        meta.own_answers = answers;
    }
    action to_edge(mac_t locator, bit<16> tree, mac_t mac, bit<32> identity, bit<1> answers) {
        meta.known = 1;
        meta.dst_locator = locator;
        meta.dst_tree = tree;
        meta.dst_mac = mac;
        meta.dst_identity = identity;
        meta.own_answers = answers;
    }
    action to_nowhere() {
        meta.known = 0;
    }
    table destination {
        key = { meta.dst: lpm @name("address"); }
        actions = { to_port; to_edge; to_nowhere; }
        default_action = to_nowhere();
        size = 131072;
    }

    /* --- may they talk ---------------------------------------------------------------------- */

    direct_counter(CounterType.packets_and_bytes) policy_counter;
    action permit() {
        policy_counter.count();
    }
    action deny() {
        policy_counter.count();
        discard(DROP_POLICY);
    }
    action by_ports(bit<32> ruleset) {
        policy_counter.count();
        meta.ruleset = ruleset;
    }
    table policy {
        key = {
            meta.identity: exact @name("source");
            meta.dst_identity: exact @name("destination");
            meta.returning: exact @name("returning");
        }
        actions = { permit; deny; by_ports; }
        default_action = deny();
        counters = policy_counter;
        size = 131072;
    }

    action match_slot(bit<32> slot) {
        meta.slot = slot;
    }
    action no_slot() {
        discard(DROP_POLICY);
    }
    /* Rule sets are shared by all pairs of identities that have the same list of matches; what a match means
     * for a pair, and whose statement it is, says `verdict`. */
    table rules {
        key = {
            meta.ruleset: exact @name("ruleset");
            meta.proto: ternary @name("protocol");
            meta.ports_known: ternary @name("ports_known");
            meta.syn_only: ternary @name("syn_only");
            meta.sport: range @name("source_port");
            meta.dport: range @name("destination_port");
        }
        actions = { match_slot; no_slot; }
        default_action = no_slot();
        size = 8192;
    }

    direct_counter(CounterType.packets_and_bytes) verdict_counter;
    action permit_slot() {
        verdict_counter.count();
    }
    action deny_slot() {
        verdict_counter.count();
        discard(DROP_POLICY);
    }
    table verdict {
        key = {
            meta.identity: exact @name("source");
            meta.dst_identity: exact @name("destination");
            meta.returning: exact @name("returning");
            meta.slot: exact @name("slot");
        }
        actions = { permit_slot; deny_slot; }
        default_action = deny_slot();
        counters = verdict_counter;
        size = 131072;
    }

    /* --- through which middleboxes -------------------------------------------------------------- */

    action steer_by(bit<32> chainset) {
        meta.chainset = chainset;
    }
    table chain_policy {
        key = {
            meta.identity: exact @name("source");
            meta.dst_identity: exact @name("destination");
            meta.returning: exact @name("returning");
        }
        actions = { steer_by; NoAction; }
        default_action = NoAction();
        size = 65536;
    }

    action chain_slot(bit<32> slot) {
        meta.slot = slot;
        meta.selected = 1;
    }
    action chain_fragment() {
        discard(DROP_FRAGMENT);
    }
    table chain_rules {
        key = {
            meta.chainset: exact @name("chainset");
            meta.proto: ternary @name("protocol");
            meta.ports_known: ternary @name("ports_known");
            meta.later_fragment: ternary @name("later_fragment");
            meta.lower: ternary @name("lower");
            meta.sport: range @name("source_port");
            meta.dport: range @name("destination_port");
        }
        actions = { chain_slot; chain_fragment; NoAction; }
        default_action = NoAction();
        size = 8192;
    }

    direct_counter(CounterType.packets_and_bytes) chain_counter;
    action chain(bit<24> spi) {
        chain_counter.count();
        meta.spi = spi;
        meta.si = SI_FIRST;
    }
    action no_chain() {
        chain_counter.count();
        discard(DROP_PATH);
    }
    table chain_select {
        key = {
            meta.identity: exact @name("source");
            meta.dst_identity: exact @name("destination");
            meta.returning: exact @name("returning");
            meta.slot: exact @name("slot");
        }
        actions = { chain; no_chain; }
        default_action = no_chain();
        counters = chain_counter;
        size = 65536;
    }

    action pass(bit<8> si, bit<32> type, bit<1> reverse, bit<32> tapset) {
        meta.si = si;
        meta.gate_type = type;
        meta.gate_reverse = reverse;
        meta.tapset = tapset;
    }
    action finish(bit<8> si, bit<32> tapset) {
        meta.si = si;
        meta.tapset = tapset;
    }
    action closed() {
        discard(DROP_CLOSED);
    }
    action off_path() {
        discard(DROP_PATH);
    }
    table gates {
        key = {
            meta.spi: exact @name("spi");
            meta.si: exact @name("si");
            meta.flags: exact @name("copy");
        }
        actions = { pass; finish; closed; off_path; }
        default_action = off_path();
        size = 16384;
    }

    action to_instance(mac_t locator, bit<16> tree) {
        meta.fate = FATE_FORWARD;
        meta.next_locator = locator;
        meta.tree = tree;
        meta.done = 1;
    }
    action no_instance() {
        discard(DROP_PATH);
    }
    table instances {
        key = {
            meta.gate_type: exact @name("type");
            meta.gate_reverse: exact @name("reverse");
            meta.bucket: range @name("bucket");
        }
        actions = { to_instance; no_instance; }
        default_action = no_instance();
        size = 16384;
    }

    action copy_to(bit<16> session) {
        meta.session = session;
    }
    table taps {
        key = {
            meta.tapset: exact @name("tapset");
            meta.bucket: range @name("bucket");
        }
        actions = { copy_to; NoAction; }
        default_action = NoAction();
        size = 4096;
    }

    /* --- multicast ----------------------------------------------------------------------------- */

    direct_counter(CounterType.packets_and_bytes) multicast_counter;
    action group(bit<24> spi) {
        multicast_counter.count();
        meta.spi = spi;
        meta.si = SI_FIRST;
    }
    action no_group() {
        multicast_counter.count();
        discard(DROP_MULTICAST);
    }
    table multicast {
        key = {
            meta.dst: exact @name("group");
            meta.identity: exact @name("source");
        }
        actions = { group; no_group; }
        default_action = no_group();
        counters = multicast_counter;
        size = 65536;
    }

    action replicate(bit<16> replicas, bit<16> tree) {
        meta.fate = FATE_REPLICATE;
        meta.done = 1;
        meta.tree = tree;
        standard_metadata.mcast_grp = replicas;
    }
    action no_replicas() {
        discard(DROP_MULTICAST);
    }
    table replication {
        key = {
            meta.spi: exact @name("spi");
            meta.came_from: exact @name("from");
        }
        actions = { replicate; no_replicas; }
        default_action = no_replicas();
        size = 65536;
    }

    action answer_arp() {
        hdr.arp.operation = 2;
        hdr.arp.target_mac = hdr.arp.sender_mac;
        hdr.arp.sender_mac = meta.dst_mac;
        bit<32> asked = hdr.arp.target_ip;
        hdr.arp.target_ip = hdr.arp.sender_ip;
        hdr.arp.sender_ip = asked;
        hdr.ethernet.dst = hdr.ethernet.src;
        hdr.ethernet.src = meta.dst_mac;
        meta.fate = FATE_ANSWER;
        meta.done = 1;
    }

    action answer_neighbour() {
        hdr.ipv6.dst = hdr.ipv6.src;
        hdr.ipv6.src = hdr.nd.target;
        hdr.ipv6.payload_len = 32;
        hdr.ipv6.hop_limit = 255;
        hdr.icmp.type = ICMPV6_NA;
        hdr.icmp.code = 0;
        hdr.icmp.rest = 0x60000000;  // solicited, override
        hdr.nd_option.setValid();
        hdr.nd_option.type = 2;      // target link-layer address
        hdr.nd_option.length = 1;
        hdr.nd_option.mac = meta.dst_mac;
        hdr.ethernet.dst = hdr.ethernet.src;
        hdr.ethernet.src = meta.dst_mac;
        truncate(86);
        meta.fate = FATE_ANSWER;
        meta.done = 1;
    }

    addr_t  low_addr = 0;
    addr_t  high_addr = 0;
    bit<16> low_port = 0;
    bit<16> high_port = 0;

    apply {
        bool asks_arp = false;
        bool asks_neighbour = false;
        bool to_group = false;

        ports.apply();
        meta.own_locator = meta.locator;

        if (meta.done == 0 && (meta.malformed == 1 || standard_metadata.parser_error != error.NoError)) {
            discard(DROP_MALFORMED);
        }

        /* Encapsulation belongs on the network's side and nowhere else; without it, `source` decides. */
        if (meta.done == 0 && hdr.nsh.isValid()) {
            if (meta.role != ROLE_FABRIC) {
                discard(DROP_ENCAPSULATION);
            } else if (hdr.outer.dst != meta.locator) {
                discard(DROP_ROUTE);  // flooded by an ordinary switch
            } else if (hdr.nsh.ttl == 0) {
                discard(DROP_TTL);
            } else {
                meta.spi = hdr.nsh.spi;
                meta.si = hdr.nsh.si;
                meta.flags = hdr.nsh.flags;
                meta.tree = hdr.nsh.tree;
                meta.tenant = hdr.nsh.tenant;
                meta.identity = hdr.nsh.identity;
                meta.bucket = hdr.nsh.bucket;
                meta.arrived = 1;
            }
        }

        /* Only IPv4, IPv6 and well-formed ARP questions go on. */
        if (meta.done == 0) {
            if (hdr.arp.isValid()) {
                if (meta.role == ROLE_ENDPOINT && hdr.arp.hardware == 1 && hdr.arp.protocol == ETHERTYPE_IPV4
                    && hdr.arp.hardware_len == 6 && hdr.arp.protocol_len == 4 && hdr.arp.operation == 1
                    && hdr.arp.sender_mac == hdr.ethernet.src && hdr.arp.sender_ip != 0
                    && hdr.arp.sender_ip != hdr.arp.target_ip) {
                    asks_arp = true;
                    meta.src = 80w0 ++ 16w0xFFFF ++ hdr.arp.sender_ip;
                    meta.dst = 80w0 ++ 16w0xFFFF ++ hdr.arp.target_ip;
                } else {
                    discard(DROP_RESOLUTION);
                }
            } else if (hdr.ipv6.isValid()) {
                if (meta.src[127:32] == 96w0xFFFF || meta.dst[127:32] == 96w0xFFFF) {
                    discard(DROP_MALFORMED);
                } else if (meta.proto == PROTO_HOPOPT || meta.proto == PROTO_ROUTING || meta.proto == PROTO_DSTOPTS
                           || meta.proto == PROTO_FRAGMENT || meta.proto == PROTO_MOBILITY
                           || meta.proto == PROTO_HIP || meta.proto == PROTO_SHIM6) {
                    if (meta.quotes == 0) {
                        /* A header that hides the ports from us does not hide them from the receiver. */
                        discard(DROP_PROTOCOL);
                    }
                } else if (hdr.icmp.isValid() && meta.quotes == 0) {
                    if (hdr.icmp.type == ICMPV6_NS) {
                        if (meta.role == ROLE_ENDPOINT && hdr.ipv6.hop_limit == 255 && hdr.icmp.code == 0
                            && hdr.ipv6_fragment.isValid() == false && hdr.nd.isValid()
                            && hdr.ipv6.src != 0 && hdr.nd.target[127:32] != 96w0xFFFF
                            && hdr.ipv6.src != hdr.nd.target) {
                            asks_neighbour = true;
                            meta.dst = hdr.nd.target;
                        } else {
                            discard(DROP_RESOLUTION);
                        }
                    } else if (hdr.icmp.type >= 133 && hdr.icmp.type <= 137) {
                        discard(DROP_RESOLUTION);
                    } else if ((hdr.icmp.type >= 130 && hdr.icmp.type <= 132) || hdr.icmp.type == 143) {
                        discard(DROP_MEMBERSHIP);
                    }
                }
            } else if (hdr.ipv4.isValid()) {
                if (meta.proto == PROTO_IGMP && meta.quotes == 0) {
                    discard(DROP_MEMBERSHIP);
                }
            } else {
                discard(DROP_PROTOCOL);
            }
        }
        if (meta.done == 0 && meta.quotes == 1 && meta.flow_dst != meta.dst) {
            discard(DROP_MALFORMED);  // an error goes to the sender of what it quotes
        }

        if (meta.done == 0 && meta.arrived == 0) {
            source.apply();
            if (meta.role == ROLE_FABRIC) {
                meta.spi = SPI_PLAIN;
                if (meta.done == 1) {
                    meta.reason = DROP_ENCAPSULATION;
                }
            }
            if (meta.done == 0 && meta.identity == 0 && !asks_neighbour) {
                discard(DROP_SOURCE);
            }
        }

        if (meta.done == 0 && !asks_arp && !asks_neighbour) {
            if (meta.dst[127:32] == 96w0xFFFF && meta.dst[31:28] == 0xE) {
                to_group = true;
                if (hdr.ethernet.dst != 24w0x01005E ++ 1w0 ++ meta.dst[22:0]) {
                    discard(DROP_MAC);
                }
            } else if (meta.dst[127:120] == 0xFF) {
                to_group = true;
                if (hdr.ethernet.dst != 16w0x3333 ++ meta.dst[31:0]) {
                    discard(DROP_MAC);
                }
            }
            if (meta.done == 0 && to_group) {
                if (meta.proto != PROTO_UDP || meta.quotes == 1) {
                    discard(DROP_MULTICAST);
                } else if (meta.role == ROLE_FABRIC && meta.arrived == 0) {
                    discard(DROP_MULTICAST);  // to a group in NSH only
                }
            }
        }

        if (meta.done == 0) {
            if (to_group) {
                if (meta.arrived == 0) {
                    multicast.apply();
                }
                if (meta.done == 0) {
                    replication.apply();
                }
            } else {
                destination.apply();
            }
        }

        if (meta.done == 0 && asks_arp) {
            if (meta.own_answers == 1) {
                answer_arp();
            } else {
                discard(DROP_RESOLUTION);
            }
        } else if (meta.done == 0 && asks_neighbour) {
            if (meta.own_answers == 1) {
                answer_neighbour();
            } else {
                discard(DROP_RESOLUTION);
            }
        }

        /* What arrives has been judged where it entered. */
        if (meta.done == 0 && meta.arrived == 0) {
            if (meta.known == 0) {
                discard(DROP_DESTINATION);
            } else if (hdr.ethernet.dst != meta.dst_mac) {
                discard(DROP_MAC);
            }
        }

        if (meta.done == 0 && meta.role == ROLE_ENDPOINT) {
            policy.apply();
            if (meta.done == 0 && meta.ruleset != 0) {
                rules.apply();
                if (meta.done == 0) {
                    verdict.apply();
                }
            }
            if (meta.done == 0) {
                if (meta.flow_src < meta.flow_dst || (meta.flow_src == meta.flow_dst && meta.sport < meta.dport)) {
                    meta.lower = 1;
                    low_addr = meta.flow_src;
                    high_addr = meta.flow_dst;
                    low_port = meta.sport;
                    high_port = meta.dport;
                } else {
                    low_addr = meta.flow_dst;
                    high_addr = meta.flow_src;
                    low_port = meta.dport;
                    high_port = meta.sport;
                }
                meta.spi = SPI_PLAIN;
                meta.si = SI_FIRST;
                chain_policy.apply();
                if (meta.chainset != 0) {
                    chain_rules.apply();
                    if (meta.selected == 1) {
                        chain_select.apply();
                        hash(meta.bucket, HashAlgorithm.crc32, 16w0,
                             { low_addr, high_addr, low_port, high_port, meta.proto }, 32w256);
                    }
                }
            }
        }

        /* The first gate of the chain, or behind its last one the destination. */
        if (meta.done == 0 && meta.spi != SPI_PLAIN) {
            gates.apply();
            if (meta.tapset != 0 && meta.arrived == 0) {
                taps.apply();
            }
            if (meta.done == 0 && meta.gate_type != 0) {
                if (meta.arrived == 1) {
                    discard(DROP_PATH);  // no middlebox is here
                } else {
                    instances.apply();
                }
            }
        }
        if (meta.done == 0) {
            if (meta.here == 1) {
                if (meta.dst_port == standard_metadata.ingress_port || hdr.ethernet.dst != meta.dst_mac) {
                    discard(DROP_DESTINATION);
                } else {
                    meta.fate = FATE_DELIVER;
                }
            } else if (meta.role == ROLE_FABRIC) {
                discard(DROP_DESTINATION);  // nothing passes through an end host
            } else {
                meta.fate = FATE_FORWARD;
                meta.next_locator = meta.dst_locator;
                meta.tree = meta.dst_tree;
            }
        }

        if (meta.fate == FATE_FORWARD) {
            standard_metadata.egress_spec = PORT_NETWORK;
        } else if (meta.fate == FATE_DELIVER) {
            standard_metadata.egress_spec = meta.dst_port;
        } else if (meta.fate == FATE_ANSWER) {
            standard_metadata.egress_spec = standard_metadata.ingress_port;
        }
        if (meta.session != 0) {
            /* The copy is the frame as it came in, with these fields as they are when ingress ends. */
            clone_preserving_field_list(CloneType.I2E, (bit<32>)meta.session, 1);
        }
        if (meta.fate == FATE_DROP) {
            drops.count((bit<32>)meta.reason);
            mark_to_drop(standard_metadata);
        }
    }
}

control egress(inout headers_t hdr, inout meta_t meta,
               inout standard_metadata_t standard_metadata) {
    action next_edge(mac_t locator, bit<16> tree) {
        meta.next_locator = locator;
        meta.tree = tree;
        meta.fate = FATE_FORWARD;
    }
    action here() {
        meta.fate = FATE_DELIVER;
    }
    /* What a copy's replication id stands for: an edge, or without an entry the host. */
    table replica {
        key = { standard_metadata.egress_rid: exact @name("instance"); }
        actions = { next_edge; here; }
        default_action = here();
        size = 4096;
    }

    apply {
        bool copy = standard_metadata.instance_type == INSTANCE_INGRESS_CLONE;
        if (copy || standard_metadata.instance_type == INSTANCE_REPLICATION) {
            replica.apply();
            if (meta.fate == FATE_FORWARD) {
                /* Only what the host sends, and only in NSH, goes out to other edges. A clone has lost
                 * its ingress port (bmv2 gives 0), and is made of what the host sends alone. */
                if (standard_metadata.egress_port != PORT_NETWORK || (!copy && standard_metadata.ingress_port != PORT_HOST)) {
                    mark_to_drop(standard_metadata);
                }
            } else if (copy || standard_metadata.egress_port != PORT_HOST || standard_metadata.ingress_port == PORT_HOST) {
                mark_to_drop(standard_metadata);
            }
        }
        if (copy) {
            meta.flags = FLAG_COPY;
        }
        if (meta.fate == FATE_FORWARD) {
            hdr.outer.setValid();
            hdr.outer.dst = meta.next_locator;
            hdr.outer.src = meta.own_locator;
            hdr.outer.type = ETHERTYPE_NSH;
            hdr.nsh.setValid();
            hdr.nsh.version = 0;
            hdr.nsh.oam = 0;
            hdr.nsh.reserved0 = 0;
            hdr.nsh.ttl = NSH_TTL;
            hdr.nsh.length = 6;
            hdr.nsh.reserved1 = 0;
            hdr.nsh.md_type = 1;
            hdr.nsh.next = 3;
            hdr.nsh.spi = meta.spi;
            hdr.nsh.si = meta.si;
            hdr.nsh.rules = 0;
            hdr.nsh.flags = meta.flags;
            hdr.nsh.tree = meta.tree;
            hdr.nsh.tenant = meta.tenant;
            hdr.nsh.identity = meta.identity;
            hdr.nsh.bucket = meta.bucket;
            hdr.nsh.reserved2 = 0;
        } else {
            hdr.outer.setInvalid();
            hdr.nsh.setInvalid();
        }
    }
}

control update_sums(inout headers_t hdr, inout meta_t meta) {
    apply {
        update_checksum(meta.fate == FATE_ANSWER && hdr.nd.isValid(),
            { hdr.ipv6.src, hdr.ipv6.dst, 16w0, hdr.ipv6.payload_len, 24w0, hdr.ipv6.next,
              hdr.icmp.type, hdr.icmp.code, hdr.icmp.rest, hdr.nd.target,
              hdr.nd_option.type, hdr.nd_option.length, hdr.nd_option.mac },
            hdr.icmp.checksum, HashAlgorithm.csum16);
    }
}

control deparse(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr);
    }
}

/* What the eBPF data plane holds (sidecarfallback/shim/bpf/maps.h): lists of copies, copies in all of them, and in one. */
@platform_property(multicast_group_table_size = 4096, multicast_group_table_total_replicas = 131072,
                   multicast_group_table_max_replicas_per_entry = 32)
V1Switch(parse(), verify_sums(), ingress(), egress(), update_sums(), deparse()) main;

/* The tables of p4/shim.p4, in its order: from what the parser found to what is to be done. Nothing is
 * counted or changed here.
 *
 * Functions that are not static are verified by themselves, for all values of what their arguments point
 * to; so they must ask whether a pointer is null. It keeps the verifier's work small. */
#pragma once

enum fate {
	FATE_DROP,
	FATE_ANSWER,    /* ARP or neighbour advertisement, back to the host */
	FATE_DELIVER,   /* the original frame */
	FATE_FORWARD,   /* in NSH, to next */
	FATE_REPLICATE, /* in NSH, to the members of group */
};

#define NO_COUNTER 0xFFFFFFFF

/* What all copies of a frame have in common in their encapsulation. */
struct path {
	__u8  own[6]; /* locator */
	__u16 bucket;
	__u32 path;   /* SPI 24, SI 8 */
	__u32 tenant;
	__u32 identity;
};

struct decision {
	__u8        fate;
	__u8        reason; /* of FATE_DROP */
	__u16       group;
	__u16       session;
	__u8        mac[6]; /* of the destination */
	struct edge next;
	struct path path;
	__u32       counter[3];
};

static __always_inline int drop(struct decision *d, __u8 reason)
{
	d->fate = FATE_DROP;
	d->reason = reason;
	return -1;
}

/* Only IPv4, IPv6 and well-formed questions of the host go on: 0 if this frame does. */
static __always_inline int check(const struct packet *p, int from_host, struct decision *d)
{
	switch (p->kind) {
	case KIND_ARP:
		return from_host && p->asks ? 0 : drop(d, DROP_RESOLUTION);
	case KIND_IPV6:
		if (is_mapped(&p->src) || is_mapped(&p->dst))
			return drop(d, DROP_MALFORMED);
		switch (p->proto) {
		case PROTO_HOPOPT:
		case PROTO_ROUTING:
		case PROTO_DSTOPTS:
		case PROTO_FRAGMENT:
		case PROTO_MOBILITY:
		case PROTO_HIP:
		case PROTO_SHIM6:
			/* A header that hides the ports from us does not hide them from the receiver. */
			if (!p->quotes)
				return drop(d, DROP_PROTOCOL);
			break;
		default:
			if (!p->icmp_known || p->quotes)
				break;
			if (p->icmp_type == ICMPV6_NS)
				return from_host && p->asks ? 0 : drop(d, DROP_RESOLUTION);
			if (p->icmp_type >= 133 && p->icmp_type <= 137)
				return drop(d, DROP_RESOLUTION);
			if ((p->icmp_type >= 130 && p->icmp_type <= 132) || p->icmp_type == 143)
				return drop(d, DROP_MEMBERSHIP);
		}
		break;
	case KIND_IPV4:
		if (p->proto == PROTO_IGMP && !p->quotes)
			return drop(d, DROP_MEMBERSHIP);
		break;
	default:
		return drop(d, DROP_PROTOCOL);
	}
	if (p->quotes && !same_addr(&p->flow_dst, &p->dst))
		return drop(d, DROP_MALFORMED); /* an error goes to the sender of what it quotes */
	return 0;
}

static __always_inline const struct source *find_source(const struct packet *p, __u16 port)
{
	struct source_prefix key = {.bits = 8 * sizeof(struct source_key), .key = {.port = port, .address = p->src}};
	copy_mac(key.key.mac, p->eth_src);
	struct source_key exact = key.key;
	const struct source *s = bpf_map_lookup_elem(&source, &exact);
	return s ? s : bpf_map_lookup_elem(&source_prefix, &key);
}

static __always_inline const struct destination *find_destination(const struct packet *p)
{
	const struct destination *to = bpf_map_lookup_elem(&destination, &p->dst);
	if (to)
		return to;
	struct destination_prefix key = {.bits = 128};
	__builtin_memcpy(key.address, &p->dst, sizeof(key.address));
	return bpf_map_lookup_elem(&dest_prefix, &key);
}

enum { NOT_TO_GROUP, TO_GROUP, TO_WRONG_MAC };

/* Whether the destination is a multicast group, and its MAC address that group's. */
static __always_inline int to_group(const struct packet *p)
{
	const __u8 *a = p->dst.b, *m = p->eth_dst;
	int same;
	if (is_mapped(&p->dst) && a[12] >> 4 == 0xE)
		same = m[0] == 0x01 && m[1] == 0x00 && m[2] == 0x5E && m[3] == (a[13] & 0x7F) && m[4] == a[14] && m[5] == a[15];
	else if (a[0] == 0xFF)
		same = m[0] == 0x33 && m[1] == 0x33 && m[2] == a[12] && m[3] == a[13] && m[4] == a[14] && m[5] == a[15];
	else
		return NOT_TO_GROUP;
	return same ? TO_GROUP : TO_WRONG_MAC;
}

static __always_inline int replicate(__u32 spi, struct decision *d)
{
	const struct replication *r = bpf_map_lookup_elem(&replication, &spi);
	if (!r || r->action != REPLICATE)
		return drop(d, DROP_MULTICAST);
	d->fate = FATE_REPLICATE;
	d->group = r->group;
	return 0;
}

static __always_inline int decide_multicast(const struct packet *p, struct decision *d)
{
	if (p->proto != PROTO_UDP || p->quotes)
		return drop(d, DROP_MULTICAST);
	struct multicast_key key = {.group = p->dst, .source = d->path.identity};
	const struct multicast *m = bpf_map_lookup_elem(&multicast, &key);
	d->counter[0] = m ? m->counter : MULTICAST_MISS;
	if (!m || m->action != GROUP)
		return drop(d, DROP_MULTICAST);
	d->path.path = m->spi << 8 | SI_FIRST;
	return replicate(m->spi, d);
}

/* Whether (flow_src, sport) < (flow_dst, dport). */
static __always_inline int is_lower(const struct packet *p)
{
	if (p->flow_src.q[0] != p->flow_dst.q[0])
		return bpf_be64_to_cpu(p->flow_src.q[0]) < bpf_be64_to_cpu(p->flow_dst.q[0]);
	if (p->flow_src.q[1] != p->flow_dst.q[1])
		return bpf_be64_to_cpu(p->flow_src.q[1]) < bpf_be64_to_cpu(p->flow_dst.q[1]);
	return p->sport < p->dport;
}

/* chain_rules and chain_select, and the bucket. */
static __always_inline int select_chain(struct packet *p, __u32 chainset, __u32 to, struct decision *d)
{
	int lower = is_lower(p);
	if (lower)
		p->bits |= BIT_LOWER;
	struct found f = {};
	scan(p, chainset, 1, &f);
	switch (f.action) {
	case CHAIN_SLOT:
		break;
	case CHAIN_FRAGMENT:
		return drop(d, DROP_FRAGMENT);
	case LOST:
		return drop(d, DROP_PATH);
	default:
		return 0;
	}
	struct slot_key key = {d->path.identity, to, f.slot};
	const struct chain *c = bpf_map_lookup_elem(&chain_select, &key);
	d->counter[2] = c ? c->counter : CHAIN_MISS;
	if (!c || c->action != CHAIN)
		return drop(d, DROP_PATH);
	d->path.path = c->spi << 8 | SI_FIRST;
	if (lower)
		d->path.bucket = bucket_of(&p->flow_src, &p->flow_dst, p->sport, p->dport, p->proto);
	else
		d->path.bucket = bucket_of(&p->flow_dst, &p->flow_src, p->dport, p->sport, p->proto);
	return 0;
}

/* policy, rules, verdict; and what leads into a chain. */
static __always_inline int judge(struct packet *p, __u32 to, struct decision *d)
{
	struct pair_key key = {d->path.identity, to};
	const struct pair *pair = bpf_map_lookup_elem(&pairs, &key);
	if (!pair || !pair->policy) {
		d->counter[0] = POLICY_MISS;
		return drop(d, DROP_POLICY);
	}
	d->counter[0] = pair->counter;
	if (pair->policy == DENY)
		return drop(d, DROP_POLICY);
	if (pair->policy == BY_PORTS && pair->ruleset) {
		struct found f = {};
		scan(p, pair->ruleset, 0, &f);
		if (f.action != MATCH_SLOT)
			return drop(d, DROP_POLICY);
		struct slot_key slot = {d->path.identity, to, f.slot};
		const struct verdict *v = bpf_map_lookup_elem(&verdict, &slot);
		d->counter[1] = v ? v->counter : VERDICT_MISS;
		if (!v || v->deny)
			return drop(d, DROP_POLICY);
	}
	d->path.path = SPI_PLAIN << 8 | SI_FIRST;
	return pair->chainset ? select_chain(p, pair->chainset, to, d) : 0;
}

static __always_inline const struct gate *find_gate(__u32 path, __u8 copy)
{
	struct gate_key key = {path, copy};
	return bpf_map_lookup_elem(&gates, &key);
}

/* gates, taps and instances, where the frame enters. Returns 0 if it goes on to its destination. */
static __always_inline int first_gate(struct decision *d)
{
	const struct gate *g = find_gate(d->path.path, 0);
	if (!g || g->action == OFF_PATH)
		return drop(d, DROP_PATH);
	if (g->action == CLOSED)
		return drop(d, DROP_CLOSED);
	d->path.path = (d->path.path & 0xFFFFFF00) | g->si;
	__u32 bucket = d->path.bucket & 255;
	if (g->tapset) {
		const struct sessions *s = bpf_map_lookup_elem(&taps, &g->tapset);
		if (s)
			d->session = s->bucket[bucket];
	}
	if (g->action != PASS || !g->type)
		return 0;
	struct instance_key key = {g->type, g->reverse};
	const struct instances *i = bpf_map_lookup_elem(&instances, &key);
	if (!i || !(i->up[bucket >> 5] >> (bucket & 31) & 1))
		return drop(d, DROP_PATH);
	d->fate = FATE_FORWARD;
	d->next = i->bucket[bucket];
	return 1;
}

/* What the host sends. */
__noinline int decide_outgoing(int parsed, struct packet *p, struct decision *d)
{
	if (!p || !d)
		return -1;
	const struct port *port = at(&ports, PORT_HOST);
	if (!port || port->role != ROLE_ENDPOINT)
		return drop(d, DROP_PORT);
	copy_mac(d->path.own, port->locator);
	if (parsed != PARSED)
		return drop(d, DROP_MALFORMED);
	if (p->encapsulated)
		return drop(d, DROP_ENCAPSULATION);
	if (check(p, 1, d))
		return -1;

	const struct source *from = find_source(p, PORT_HOST);
	if (!from || from->action == FROM_ELSEWHERE)
		return drop(d, DROP_SOURCE);
	if (from->action == FROM) {
		d->path.identity = from->identity;
		d->path.tenant = from->tenant;
	}
	int asks_neighbour = p->asks && p->kind == KIND_IPV6;
	if (!d->path.identity && !asks_neighbour)
		return drop(d, DROP_SOURCE);

	if (!p->asks) {
		int group = to_group(p);
		if (group == TO_WRONG_MAC)
			return drop(d, DROP_MAC);
		if (group == TO_GROUP)
			return decide_multicast(p, d);
	}
	const struct destination *to = find_destination(p);
	int known = to && to->action != TO_NOWHERE;
	if (p->asks) {
		if (!known || !to->answers)
			return drop(d, DROP_RESOLUTION);
		d->fate = FATE_ANSWER;
		copy_mac(d->mac, to->mac);
		return 0;
	}
	if (!known)
		return drop(d, DROP_DESTINATION);
	if (!same_mac(p->eth_dst, to->mac))
		return drop(d, DROP_MAC);

	if (judge(p, to->identity, d))
		return -1;
	if (d->path.path >> 8 != SPI_PLAIN && first_gate(d))
		return 0;
	if (to->action == TO_PORT) {
		if (to->port == PORT_HOST)
			return drop(d, DROP_DESTINATION);
		d->fate = FATE_DELIVER;
		return 0;
	}
	d->fate = FATE_FORWARD;
	copy_mac(d->next.locator, to->locator);
	d->next.tree = to->tree;
	return 0;
}

/* What the network sends. */
__noinline int decide_incoming(int parsed, struct packet *p, struct decision *d)
{
	if (!p || !d)
		return -1;
	const struct port *port = at(&ports, PORT_NETWORK);
	if (!port || port->role != ROLE_FABRIC)
		return drop(d, DROP_PORT);
	if (parsed != PARSED)
		return drop(d, DROP_MALFORMED);
	if (p->encapsulated) {
		if (!same_mac(p->outer_dst, port->locator))
			return drop(d, DROP_ROUTE); /* flooded by an ordinary switch */
		if (!p->nsh_ttl)
			return drop(d, DROP_TTL);
	}
	if (check(p, 0, d))
		return -1;
	if (!p->encapsulated) {
		const struct source *from = find_source(p, PORT_NETWORK);
		if (!from || from->action == FROM_ELSEWHERE)
			return drop(d, DROP_ENCAPSULATION);
		if (from->action != FROM || !from->identity)
			return drop(d, DROP_SOURCE);
	}

	int group = to_group(p);
	if (group == TO_WRONG_MAC)
		return drop(d, DROP_MAC);
	if (group == TO_GROUP) {
		if (p->proto != PROTO_UDP || p->quotes || !p->encapsulated)
			return drop(d, DROP_MULTICAST);
		return replicate(p->path >> 8, d);
	}
	const struct destination *to = find_destination(p);
	if (!p->encapsulated) {
		if (!to || to->action == TO_NOWHERE)
			return drop(d, DROP_DESTINATION);
		if (!same_mac(p->eth_dst, to->mac))
			return drop(d, DROP_MAC);
	} else if (p->path >> 8 != SPI_PLAIN) {
		const struct gate *g = find_gate(p->path, p->nsh_flags);
		if (!g || g->action == OFF_PATH)
			return drop(d, DROP_PATH);
		if (g->action == CLOSED)
			return drop(d, DROP_CLOSED);
		if (g->action == PASS && g->type)
			return drop(d, DROP_PATH); /* no middlebox is here */
	}
	if (!to || to->action != TO_PORT || to->port != PORT_HOST || !same_mac(p->eth_dst, to->mac))
		return drop(d, DROP_DESTINATION);
	d->fate = FATE_DELIVER;
	return 0;
}

/* The data plane of an end host. Its specification is p4/shim.p4: the same entities and frames give the
 * same result. What the kernel shows us of a frame, and the specification does not know, is
 * dealt with here: super-frames that are segmented later, unfinished checksums, VLAN tags beside the frame.
 *
 * Three programs: `outgoing` where the guarded interface transmits, `incoming` where it receives, and
 * `finished` where the finisher gives frames back (see agent.go).
 */
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "wire.h"
#include "maps.h"
#include "parse.h"
#include "rules.h"
#include "bucket.h"
#include "frame.h"

/* What programs return: the numbers are the same for TCX and for clsact. */
#define LET_GO  TC_ACT_UNSPEC /* on to the next program, or out */
#define DISCARD TC_ACT_SHOT

enum fate { FATE_DROP, FATE_ANSWER, FATE_DELIVER, FATE_FORWARD, FATE_REPLICATE, FATE_VANISH };

#define NO_COUNTER 0xFFFFFFFF

/* What is to be done with a frame. Until it is done nothing has been counted and nothing changed. */
struct decision {
	__u8        fate;
	__u8        reason; /* with FATE_DROP */
	__u16       group;  /* with FATE_REPLICATE */
	__u16       session;
	__u8        mac[6]; /* with FATE_ANSWER */
	struct edge next;   /* with FATE_FORWARD */
	struct path path;
	__u32       counter[3];
};

static __always_inline int drop(struct decision *d, __u8 reason)
{
	d->fate = FATE_DROP;
	d->reason = reason;
	return 0;
}

/* A super-frame counts as the frames that it will be. */
static __always_inline void weigh(struct __sk_buff *skb, const struct packet *p, struct counter *w)
{
	w->packets = 1;
	w->bytes = skb->len;
	if (skb->gso_size && p->headers && skb->len > p->headers) {
		__u32 payload = skb->len - p->headers;
		w->packets = (payload + skb->gso_size - 1) / skb->gso_size;
		w->bytes = payload + w->packets * p->headers;
	}
}

static __always_inline void count(__u32 index, const struct counter *w)
{
	struct counter *c = at(&counters, index);
	if (c) {
		__sync_fetch_and_add(&c->packets, w->packets);
		__sync_fetch_and_add(&c->bytes, w->bytes);
	}
}

static __always_inline int discard(struct __sk_buff *skb, const struct packet *p, __u32 reason)
{
	struct counter *c = at(&drops, reason);
	if (c) {
		struct counter w;
		weigh(skb, p, &w);
		c->packets += w.packets;
		c->bytes += w.bytes;
	}
	return DISCARD;
}

static __always_inline struct source *find_source(const struct packet *p, __u16 port)
{
	struct source_prefix key = {.bits = 8 * sizeof(struct source_key), .key = {.port = port, .address = p->src}};
	copy_mac(key.key.mac, p->eth_src);
	struct source_key exact = key.key;
	struct source *s = bpf_map_lookup_elem(&source, &exact);
	return s ? s : bpf_map_lookup_elem(&source_prefix, &key);
}

static __always_inline struct destination *find_destination(const struct packet *p)
{
	struct destination *d = bpf_map_lookup_elem(&destination, &p->dst);
	if (d)
		return d;
	struct destination_prefix key = {.bits = 128};
	__builtin_memcpy(key.address, &p->dst, sizeof(key.address));
	return bpf_map_lookup_elem(&dest_prefix, &key);
}

/* Only IPv4, IPv6 and well-formed ARP questions go on. Returns 0 if this frame does. */
static __always_inline int check(const struct packet *p, int from_host, struct decision *d)
{
	switch (p->kind) {
	case KIND_ARP:
		if (!from_host || !p->asks)
			return drop(d, DROP_RESOLUTION), 1;
		return 0;
	case KIND_IPV6:
		if (is_mapped(&p->src) || is_mapped(&p->dst))
			return drop(d, DROP_MALFORMED), 1;
		switch (p->proto) {
		case PROTO_HOPOPT:
		case PROTO_ROUTING:
		case PROTO_DSTOPTS:
		case PROTO_FRAGMENT:
		case PROTO_MOBILITY:
		case PROTO_HIP:
		case PROTO_SHIM6:
			if (!p->quotes)
				return drop(d, DROP_PROTOCOL), 1;
			break;
		default:
			if (!p->icmp_known || p->quotes)
				break;
			if (p->icmp_type == ICMPV6_NS) {
				if (!from_host || !p->asks)
					return drop(d, DROP_RESOLUTION), 1;
				return 0;
			}
			if (p->icmp_type >= 133 && p->icmp_type <= 137)
				return drop(d, DROP_RESOLUTION), 1;
			if ((p->icmp_type >= 130 && p->icmp_type <= 132) || p->icmp_type == 143)
				return drop(d, DROP_MEMBERSHIP), 1;
		}
		break;
	case KIND_IPV4:
		if (p->proto == PROTO_IGMP && !p->quotes)
			return drop(d, DROP_MEMBERSHIP), 1;
		break;
	default:
		return drop(d, DROP_PROTOCOL), 1;
	}
	if (p->quotes && !same_addr(&p->flow_dst, &p->dst))
		return drop(d, DROP_MALFORMED), 1; /* an error goes to the sender of what it quotes */
	return 0;
}

enum { NOT_A_GROUP, TO_GROUP, TO_WRONG_MAC };

static __always_inline int to_group(const struct packet *p)
{
	const __u8 *a = p->dst.b, *m = p->eth_dst;
	if (is_mapped(&p->dst) && a[12] >> 4 == 0xE) {
		if (m[0] == 0x01 && m[1] == 0x00 && m[2] == 0x5E && m[3] == (a[13] & 0x7F) && m[4] == a[14] && m[5] == a[15])
			return TO_GROUP;
		return TO_WRONG_MAC;
	}
	if (a[0] == 0xFF) {
		if (m[0] == 0x33 && m[1] == 0x33 && m[2] == a[12] && m[3] == a[13] && m[4] == a[14] && m[5] == a[15])
			return TO_GROUP;
		return TO_WRONG_MAC;
	}
	return NOT_A_GROUP;
}

static __always_inline int replicate(__u32 spi, struct decision *d)
{
	struct replication *r = bpf_map_lookup_elem(&replication, &spi);
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
	struct multicast *m = bpf_map_lookup_elem(&multicast, &key);
	d->counter[0] = m ? m->counter : MULTICAST_MISS;
	if (!m || m->action != GROUP)
		return drop(d, DROP_MULTICAST);
	d->path.path = m->spi << 8 | SI_FIRST;
	return replicate(m->spi, d);
}

/* The tables chain_rules and chain_select, and the hash bucket. Returns 0 to go on. */
static __always_inline int select_chain(const struct packet *p, __u32 chainset, __u32 to, struct scan *s, struct decision *d)
{
	int lower = 1;
	for (int i = 0; i < 2; i++) {
		if (p->flow_src.q[i] != p->flow_dst.q[i]) {
			lower = bpf_be64_to_cpu(p->flow_src.q[i]) < bpf_be64_to_cpu(p->flow_dst.q[i]);
			goto ordered;
		}
	}
	lower = p->sport < p->dport;
ordered:
	scan(s, p, chainset, 1);
	if (s->action == NO_RULE)
		return 0;
	return lower;
}

static __always_inline int is_lower(const struct packet *p)
{
	for (int i = 0; i < 2; i++) {
		if (p->flow_src.q[i] != p->flow_dst.q[i])
			return bpf_be64_to_cpu(p->flow_src.q[i]) < bpf_be64_to_cpu(p->flow_dst.q[i]);
	}
	return p->sport < p->dport;
}

char _license[] SEC("license") = "Apache-2.0";

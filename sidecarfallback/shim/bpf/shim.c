//go:build ignore

/* The data plane of an end host. Its specification is p4/shim.p4: the same entities and frames give the
 * same result. What the kernel shows of a frame, and the specification does not know, is dealt with
 * here and in frame.h: super-frames that are segmented later, unfinished checksums, VLAN tags beside the frame.
 *
 * Three programs: outgoing where the guarded interface transmits, incoming where it receives, and
 * finished where the finisher gives frames back: a device that the kernel hands super-frames to only after
 * it has cut them, and frames only after it has completed their checksums.
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
#include "decide.h"
#include "frame.h"
#include "copies.h"

/* What programs return: the numbers are the same for TCX and for clsact. */
#define LET_GO  TC_ACT_UNSPEC /* on to the next program, or on its way */
#define DISCARD TC_ACT_SHOT

/* A super-frame counts as the frames that it will be, or was. */
static __always_inline struct counter weigh(struct __sk_buff *skb, const struct packet *p)
{
	struct counter w = {.packets = 1, .bytes = skb->len};
	if (skb->gso_size && p->headers && skb->len > p->headers) {
		__u32 payload = skb->len - p->headers;
		w.packets = (payload + skb->gso_size - 1) / skb->gso_size;
		w.bytes = payload + w.packets * p->headers;
	}
	return w;
}

static __always_inline void count(__u32 index, const struct counter *w)
{
	struct counter *c = index == NO_COUNTER ? 0 : at(&counters, index);
	if (c) {
		__sync_fetch_and_add(&c->packets, w->packets);
		__sync_fetch_and_add(&c->bytes, w->bytes);
	}
}

static __always_inline void count_drop(const struct counter *w, __u32 reason)
{
	struct counter *c = at(&drops, reason);
	if (c) {
		c->packets += w->packets;
		c->bytes += w->bytes;
	}
}

/* The end of a frame of the host. If the kernel were told that it was dropped, it would tell the sender, which a
 * switch would not; a frame that is to go where there is nothing ends without a word. */
static __always_inline int vanish(int finished)
{
	return finished ? DISCARD : bpf_redirect(0, 0);
}

static __always_inline int discard(const struct counter *w, __u32 reason, int finished)
{
	count_drop(w, reason);
	return vanish(finished);
}

static __always_inline void prepare(struct decision *d)
{
	__builtin_memset(d, 0, sizeof(*d));
	for (int i = 0; i < 3; i++)
		d->counter[i] = NO_COUNTER;
}

/* The frame is to go out of the guarded interface as it is now. */
static __always_inline int leave(struct __sk_buff *skb, const struct device *device, int finished)
{
	if (!finished)
		return LET_GO;
	transmit(skb, device->ifindex);
	return DISCARD;
}

static __always_inline int from_host(struct __sk_buff *skb, int finished)
{
	struct packet p;
	struct decision d;
	const struct device *device = at(&devices, 0);
	if (!device)
		return vanish(finished);
	int parsed = parse(skb, &p);
	prepare(&d);
	decide_outgoing(parsed, &p, &d);

	struct counter w = weigh(skb, &p);
	int encapsulates = d.fate == FATE_FORWARD || d.fate == FATE_REPLICATE || d.session;
	if (encapsulates && !finished) {
		/* It comes back in pieces, and each is judged and counted then. */
		if (device->finisher && (skb->gso_size || device->finish))
			return bpf_redirect(device->finisher, 0);
		if (skb->gso_size)
			return discard(&w, DROP_KERNEL, finished);
	}
	for (int i = 0; i < 3; i++)
		count(d.counter[i], &w);

	int copied = 0;
	if (d.session) {
		/* What the copies are packed in cannot be taken off again here, so the frame itself goes first. */
		if (d.fate == FATE_DELIVER)
			transmit(skb, device->ifindex);
		copied = copy_for_taps(skb, &d, device->ifindex);
		if (copied & COPY_FAILED)
			return discard(&w, DROP_KERNEL, finished);
	}
	switch (d.fate) {
	case FATE_ANSWER:
		if (p.kind == KIND_ARP ? answer_arp(skb, &p, &d) : answer_neighbour(skb, &p, &d))
			return discard(&w, DROP_KERNEL, finished);
		skb->mark = ANSWER_MARK;
		return bpf_redirect(finished ? device->ifindex : skb->ifindex, BPF_F_INGRESS);
	case FATE_DELIVER:
		return d.session ? vanish(finished) : leave(skb, device, finished);
	case FATE_FORWARD:
		if ((!(copied & COPY_PUSHED) && push(skb)) || address(skb, &d.path, &d.next, 0))
			return discard(&w, DROP_KERNEL, finished);
		return leave(skb, device, finished);
	case FATE_REPLICATE:
		copied = copy_for_group(skb, &d, device->ifindex);
		if (copied & COPY_FAILED)
			return discard(&w, DROP_KERNEL, finished);
		return copied & COPY_READY ? leave(skb, device, finished) : vanish(finished);
	}
	return discard(&w, d.reason, finished);
}

SEC("tcx/egress")
int outgoing(struct __sk_buff *skb)
{
	__u32 *busy = at(&sending, 0);
	if (busy && *busy)
		return LET_GO;
	return from_host(skb, 0);
}

SEC("tcx/ingress")
int finished(struct __sk_buff *skb)
{
	return from_host(skb, 1);
}

SEC("tcx/ingress")
int incoming(struct __sk_buff *skb)
{
	if (skb->mark == ANSWER_MARK) {
		skb->mark = 0;
		return LET_GO;
	}
	struct packet p;
	struct decision d;
	int parsed = parse(skb, &p);
	prepare(&d);
	decide_incoming(parsed, &p, &d);

	if (d.fate == FATE_REPLICATE) {
		__u32 group = d.group;
		const struct replica_list *list = bpf_map_lookup_elem(&groups, &group);
		if (!list || !host_is_member(list))
			return DISCARD;
		d.fate = FATE_DELIVER;
	}
	struct counter w = weigh(skb, &p);
	if (d.fate != FATE_DELIVER) {
		count_drop(&w, d.reason);
		return DISCARD;
	}
	if (!p.encapsulated)
		return LET_GO;
	if (strip(skb)) {
		count_drop(&w, DROP_KERNEL);
		return DISCARD;
	}
	/* So far the kernel has taken the outer address for the frame's. */
	if (p.eth_dst[0] & 1)
		bpf_skb_change_type(skb, PACKET_MULTICAST);
	return LET_GO;
}

char _license[] SEC("license") = "Apache-2.0";

/* Copies of what the host sends: for taps, and to the members of a multicast group. */
#pragma once

struct copying {
	struct __sk_buff          *skb;
	const struct replica_list *list;
	const struct path         *path;
	__u32                      ifindex;
	__u8                       flags;
	__u8                       pushed; /* there is room for the encapsulation in front of the frame */
	__u8                       ready;  /* and an encapsulation in it, which has not been transmitted */
	__u8                       failed;
};

static long copy_one(__u32 i, void *context)
{
	struct copying *c = context;
	if (i >= c->list->count || i >= REPLICAS_PER_LIST)
		return 1;
	if (c->list->replica[i].port != PORT_NETWORK)
		return 0;
	__u32 instance = c->list->replica[i].instance;
	const struct replica *r = bpf_map_lookup_elem(&replica, &instance);
	if (!r || r->action != NEXT_EDGE)
		return 0;
	if (c->ready)
		transmit(c->skb, c->ifindex);
	c->ready = 0;
	if (!c->pushed && push(c->skb)) {
		c->failed = 1;
		return 1;
	}
	c->pushed = 1;
	if (address(c->skb, c->path, &r->edge, c->flags)) {
		c->failed = 1;
		return 1;
	}
	c->ready = 1;
	return 0;
}

/* What became of the frame when its copies were made. */
#define COPY_PUSHED 1 /* there is room for the encapsulation in front of it */
#define COPY_READY  2 /* and one in that room, which has not been transmitted */
#define COPY_FAILED 4

/* Transmits the copies for the members of a list, but for the last one: that stays in the frame. */
static __always_inline int copies(struct __sk_buff *skb, const struct path *path, const struct replica_list *list, __u8 flags, __u32 ifindex)
{
	if (!list)
		return 0;
	struct copying c = {.skb = skb, .list = list, .path = path, .ifindex = ifindex, .flags = flags};
	bpf_loop(REPLICAS_PER_LIST, copy_one, &c, 0);
	return (c.pushed ? COPY_PUSHED : 0) | (c.ready ? COPY_READY : 0) | (c.failed ? COPY_FAILED : 0);
}

/* Copies of the frame for the taps of a clone session. */
__noinline int copy_for_taps(struct __sk_buff *skb, const struct decision *d, __u32 ifindex)
{
	if (!d)
		return COPY_FAILED;
	__u32 session = d->session;
	struct path path = d->path;
	int done = copies(skb, &path, bpf_map_lookup_elem(&clones, &session), FLAG_COPY, ifindex);
	if (done & COPY_READY)
		transmit(skb, ifindex);
	return done;
}

/* Copies of the frame for the members of a multicast group; the last one stays in the frame. */
__noinline int copy_for_group(struct __sk_buff *skb, const struct decision *d, __u32 ifindex)
{
	if (!d)
		return COPY_FAILED;
	__u32 group = d->group;
	struct path path = d->path;
	return copies(skb, &path, bpf_map_lookup_elem(&groups, &group), 0, ifindex);
}

/* Whether the host is a member. */
static __always_inline int host_is_member(const struct replica_list *list)
{
	for (__u32 i = 0; i < REPLICAS_PER_LIST; i++) {
		if (i >= list->count)
			break;
		if (list->replica[i].port != PORT_HOST)
			continue;
		__u32 instance = list->replica[i].instance;
		const struct replica *r = bpf_map_lookup_elem(&replica, &instance);
		if (!r || r->action == HERE)
			return 1;
	}
	return 0;
}

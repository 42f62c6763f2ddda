/* How frames are changed and sent. Each function invalidates what was read from the frame; 0 is success. */
#pragma once

#define ENCAPSULATION ((int)sizeof(struct encapsulation))

/* What the kernel's receive path shows us of our own answers. Nothing that comes from outside has a mark,
 * and who may set one inside may give the host any frame anyway. */
#define ANSWER_MARK 0x70696c6c

/* An 802.1Q tag that exists only while the kernel is brought to see another EtherType. */
#define TRANSIENT_TAG 1

/* Room for the encapsulation in front of the frame. */
static __always_inline int push(struct __sk_buff *skb)
{
	return bpf_skb_change_head(skb, ENCAPSULATION, 0);
}

/* Writes the encapsulation into the room in front of the frame. */
static __always_inline int address(struct __sk_buff *skb, const struct path *p, const struct edge *to, __u8 flags)
{
	struct encapsulation e = {
		.ethernet.type = bpf_htons(ETHERTYPE_NSH),
		.nsh = {
			.base = bpf_htons(NSH_TTL << 6 | 6),
			.md = 1,
			.next = 3,
			.path = bpf_htonl(p->path),
			.flags = flags,
			.tree = bpf_htons(to->tree),
			.tenant = bpf_htonl(p->tenant),
			.identity = bpf_htonl(p->identity),
			.bucket = bpf_htons(p->bucket),
		},
	};
	copy_mac(e.ethernet.dst, to->locator);
	copy_mac(e.ethernet.src, p->own);
	return bpf_skb_store_bytes(skb, 0, &e, sizeof(e), 0);
}

/* Transmits a copy of the frame as it is. It passes these programs on its way out, and they let it. */
static __always_inline void transmit(struct __sk_buff *skb, __u32 ifindex)
{
	__u32 *busy = at(&sending, 0);
	if (!busy)
		return;
	*busy = 1;
	bpf_clone_redirect(skb, ifindex, 0);
	*busy = 0;
}

/* Makes the kernel believe that the frame's protocol is the given one, which must be written in it. The helper that
 * takes bytes out works for IPv4 and IPv6 only, and only a tag that goes away makes the kernel look again. */
static __always_inline int reinterpret(struct __sk_buff *skb, __be16 type)
{
	if (skb->protocol == type)
		return 0;
	if (bpf_skb_store_bytes(skb, __builtin_offsetof(struct ethernet, type), &type, sizeof(type), 0))
		return -1;
	/* The first tag stays beside the frame until the second one pushes it in. */
	return bpf_skb_vlan_push(skb, bpf_htons(ETHERTYPE_VLAN), TRANSIENT_TAG) ||
	       bpf_skb_vlan_push(skb, bpf_htons(ETHERTYPE_VLAN), TRANSIENT_TAG) ||
	       bpf_skb_vlan_pop(skb) || bpf_skb_vlan_pop(skb);
}

/* Takes the encapsulation off an IP packet's frame that was received. */
__noinline int strip(struct __sk_buff *skb)
{
	struct ethernet inner;
	if (bpf_skb_load_bytes(skb, ENCAPSULATION, &inner, sizeof(inner)))
		return -1;
	if (reinterpret(skb, inner.type))
		return -1;
	/* Out go the bytes behind the outer addresses and type; then those of the inner header are put in their place. */
	if (bpf_skb_adjust_room(skb, -ENCAPSULATION, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return -1;
	return bpf_skb_store_bytes(skb, 0, &inner, sizeof(inner), 0);
}

/* Turns the question round. */
__noinline int answer_arp(struct __sk_buff *skb, const struct packet *p, const struct decision *d)
{
	if (!p || !d)
		return -1;
	struct {
		struct ethernet ethernet;
		struct arp      arp;
	} __attribute__((packed)) frame = {
		.ethernet.type = bpf_htons(ETHERTYPE_ARP),
		.arp = {
			.hardware = bpf_htons(1),
			.protocol = bpf_htons(ETHERTYPE_IPV4),
			.hardware_len = 6,
			.protocol_len = 4,
			.operation = bpf_htons(2),
			.sender_ip = p->dst.w[3],
			.target_ip = p->src.w[3],
		},
	};
	copy_mac(frame.ethernet.dst, p->eth_src);
	copy_mac(frame.ethernet.src, d->mac);
	copy_mac(frame.arp.sender_mac, d->mac);
	copy_mac(frame.arp.target_mac, p->eth_src);
	return bpf_skb_store_bytes(skb, 0, &frame, sizeof(frame), 0);
}

/* An advertisement as RFC 4861, section 4.4, has it: solicited, override, with the target's link-layer address. */
__noinline int answer_neighbour(struct __sk_buff *skb, const struct packet *p, const struct decision *d)
{
	if (!p || !d)
		return -1;
	/* IPv6 behind its first four bytes, and ICMPv6. */
	struct {
		__be16           payload_len;
		__u8             next;
		__u8             hop_limit;
		__be32           src[4];
		__be32           dst[4];
		__u8             type;
		__u8             code;
		__u16            checksum;
		__be32           flags;
		__be32           target[4];
		struct nd_option option;
	} packet = {
		.payload_len = bpf_htons(32),
		.next = PROTO_ICMPV6,
		.hop_limit = 255,
		.type = ICMPV6_NA,
		.flags = bpf_htonl(0x60000000),
		.option = {.type = 2, .length = 1},
	};
	__builtin_memcpy(packet.src, &p->dst, sizeof(packet.src));
	__builtin_memcpy(packet.dst, &p->src, sizeof(packet.dst));
	__builtin_memcpy(packet.target, &p->dst, sizeof(packet.target));
	copy_mac(packet.option.mac, d->mac);

	/* The pseudo-header's length and protocol; the addresses and the message follow in the packet. */
	__be32 pseudo[2] = {bpf_htonl(32), bpf_htonl(PROTO_ICMPV6)};
	__s64 sum = bpf_csum_diff(0, 0, pseudo, sizeof(pseudo), 0);
	sum = bpf_csum_diff(0, 0, packet.src, sizeof(packet) - 4, sum);
	__u64 folded = (__u32)sum;
	folded = (folded & 0xFFFF) + (folded >> 16);
	folded = (folded & 0xFFFF) + (folded >> 16);
	packet.checksum = ~folded;

	struct ethernet ethernet = {.type = bpf_htons(ETHERTYPE_IPV6)};
	copy_mac(ethernet.dst, p->eth_src);
	copy_mac(ethernet.src, d->mac);
	/* What IPv6 begins with stays. */
	if (bpf_skb_change_tail(skb, sizeof(ethernet) + 4 + sizeof(packet), 0))
		return -1;
	return bpf_skb_store_bytes(skb, sizeof(ethernet) + 4, &packet, sizeof(packet), 0) ||
	       bpf_skb_store_bytes(skb, 0, &ethernet, sizeof(ethernet), 0);
}

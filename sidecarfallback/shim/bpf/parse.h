/* The parser of p4/shim.p4: what the program needs to know of a frame. */
#pragma once

enum { KIND_OTHER, KIND_ARP, KIND_IPV4, KIND_IPV6 };

/* Everything after the parser reads only this. Numbers are in the host's byte order. */
struct packet {
	union addr src; /* of the packet; in an ARP question the sender's */
	union addr dst; /* in an ARP or neighbour question what is asked for */
	/* The conversation: the packet's own, or for an ICMP error the one that it quotes, turned round. */
	union addr flow_src;
	union addr flow_dst;
	__u16 sport;
	__u16 dport;
	__u8  proto;
	__u8  bits; /* BIT_ */
	__u8  quotes;
	__u8  kind;

	__u8 eth_dst[6]; /* of the original frame */
	__u8 eth_src[6];

	__u8  encapsulated;
	__u8  nsh_flags;
	__u8  nsh_ttl;
	__u8  icmp_known; /* icmp_type is that of the packet */
	__u8  icmp_type;
	__u8  asks;       /* a well-formed question: ARP or neighbour solicitation */
	__u8  outer_dst[6];
	__u32 path;       /* SPI 24, SI 8 */
	__u32 tenant;
	__u32 identity;
	__u16 bucket;

	__u16 headers; /* bytes up to the transport's payload; 0: there is no transport */
	__u16 at_ip;   /* bytes before IP */
};

/* How much of a frame the parser can ever need, in bytes. */
#define LONGEST_HEADERS 192

enum { PARSED, MALFORMED, TOO_SHORT };

#define NEED(p, end)                        \
	do {                                \
		if ((void *)((p) + 1) > end) \
			return TOO_SHORT;   \
	} while (0)

static __always_inline void map_ipv4(union addr *to, __be32 from)
{
	to->q[0] = 0;
	to->w[2] = bpf_htonl(0xFFFF);
	to->w[3] = from;
}

static __always_inline void copy_ipv6(union addr *to, const __be32 *from)
{
	to->w[0] = from[0];
	to->w[1] = from[1];
	to->w[2] = from[2];
	to->w[3] = from[3];
}

static __always_inline int same_addr(const union addr *a, const union addr *b)
{
	return a->q[0] == b->q[0] && a->q[1] == b->q[1];
}

static __always_inline int is_mapped(const union addr *a)
{
	return a->q[0] == 0 && a->w[2] == bpf_htonl(0xFFFF);
}

/* The state quoted_ports. */
static __always_inline int parse_quoted_ports(struct packet *p, __be16 *ports, void *end)
{
	if ((void *)(ports + 2) > end)
		return TOO_SHORT;
	p->sport = bpf_ntohs(ports[1]);
	p->dport = bpf_ntohs(ports[0]);
	p->bits |= BIT_PORTS_KNOWN;
	return PARSED;
}

static __always_inline int parse_quoted_ipv4(struct packet *p, struct ipv4 *ip, void *end)
{
	NEED(ip, end);
	__u8 ihl = ip->version_ihl & 15;
	__u16 offset = bpf_ntohs(ip->flags_offset) & 0x1FFF;
	__u8 proto = ip->protocol;

	p->quotes = 1;
	map_ipv4(&p->flow_src, ip->dst);
	map_ipv4(&p->flow_dst, ip->src);
	p->proto = proto;
	if (ihl == 5 && offset == 0 && (proto == PROTO_TCP || proto == PROTO_UDP))
		return parse_quoted_ports(p, (__be16 *)(ip + 1), end);
	if (offset == 0 && proto == PROTO_ICMP)
		return PARSED;
	if (ihl < 5)
		return MALFORMED;
	if (proto == PROTO_TCP || proto == PROTO_UDP)
		p->bits |= BIT_LATER_FRAGMENT;
	return PARSED;
}

static __always_inline int parse_quoted_ipv6(struct packet *p, struct ipv6 *ip, void *end)
{
	NEED(ip, end);
	p->quotes = 1;
	copy_ipv6(&p->flow_src, ip->dst);
	copy_ipv6(&p->flow_dst, ip->src);
	p->proto = ip->next;
	switch (ip->next) {
	case PROTO_TCP:
	case PROTO_UDP:
		return parse_quoted_ports(p, (__be16 *)(ip + 1), end);
	case PROTO_ICMPV6:
		p->proto = PROTO_ICMP;
		return PARSED;
	case PROTO_FRAGMENT:
		p->bits |= BIT_LATER_FRAGMENT;
	}
	return PARSED;
}

static __always_inline int parse_tcp(struct packet *p, struct tcp *tcp, void *start, void *end)
{
	NEED(tcp, end);
	p->sport = bpf_ntohs(tcp->src);
	p->dport = bpf_ntohs(tcp->dst);
	p->bits |= BIT_PORTS_KNOWN;
	if ((tcp->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		p->bits |= BIT_SYN_ONLY;
	p->headers = (void *)tcp - start + (tcp->data_offset >> 4) * 4;
	return PARSED;
}

static __always_inline int parse_udp(struct packet *p, struct udp *udp, void *start, void *end)
{
	NEED(udp, end);
	p->sport = bpf_ntohs(udp->src);
	p->dport = bpf_ntohs(udp->dst);
	p->bits |= BIT_PORTS_KNOWN;
	p->headers = (void *)(udp + 1) - start;
	return PARSED;
}

static __always_inline int parse_icmp(struct packet *p, struct icmp *icmp, void *end)
{
	NEED(icmp, end);
	switch (icmp->type) {
	case 3:
	case 4:
	case 5:
	case 11:
	case 12:
		return parse_quoted_ipv4(p, (struct ipv4 *)(icmp + 1), end);
	}
	return PARSED;
}

/* The states icmpv6 and behind. A question is well-formed if the host's own neighbour discovery may ask it. */
static __always_inline int parse_icmpv6(struct packet *p, struct icmp *icmp, struct ipv6 *ip, int fragmented, void *end)
{
	NEED(icmp, end);
	p->proto = PROTO_ICMP;
	p->icmp_known = 1;
	p->icmp_type = icmp->type;
	if (icmp->type < 128)
		return parse_quoted_ipv6(p, (struct ipv6 *)(icmp + 1), end);
	if (icmp->type != ICMPV6_NS)
		return PARSED;

	__be32 *target = (__be32 *)(icmp + 1);
	if ((void *)(target + 4) > end)
		return TOO_SHORT;
	struct nd_option *option = (struct nd_option *)(target + 4);
	if (bpf_ntohs(ip->payload_len) > 31)
		NEED(option, end);
	union addr asked;
	copy_ipv6(&asked, target);
	if (ip->hop_limit == 255 && icmp->code == 0 && !fragmented && (p->src.q[0] | p->src.q[1]) && !is_mapped(&asked) &&
	    !is_mapped(&p->src) && !is_mapped(&p->dst) && !same_addr(&p->src, &asked)) {
		p->asks = 1;
		p->dst = asked;
	}
	return PARSED;
}

static __always_inline int parse_arp(struct packet *p, struct arp *arp, void *end)
{
	NEED(arp, end);
	p->kind = KIND_ARP;
	p->asks = arp->hardware == bpf_htons(1) && arp->protocol == bpf_htons(ETHERTYPE_IPV4) && arp->hardware_len == 6 &&
		  arp->protocol_len == 4 && arp->operation == bpf_htons(1) && same_mac(arp->sender_mac, p->eth_src) &&
		  arp->sender_ip && arp->sender_ip != arp->target_ip;
	map_ipv4(&p->src, arp->sender_ip);
	map_ipv4(&p->dst, arp->target_ip);
	return PARSED;
}

static __always_inline int parse_ipv4(struct packet *p, struct ipv4 *ip, void *start, void *end)
{
	NEED(ip, end);
	p->kind = KIND_IPV4;
	map_ipv4(&p->src, ip->src);
	map_ipv4(&p->dst, ip->dst);
	p->flow_src = p->src;
	p->flow_dst = p->dst;
	p->proto = ip->protocol;
	__u32 ihl = ip->version_ihl & 15;
	if (ip->version_ihl >> 4 != 4 || ihl < 5)
		return MALFORMED;
	void *payload = (void *)ip + ihl * 4;
	if (payload > end)
		return TOO_SHORT;
	__u16 offset = bpf_ntohs(ip->flags_offset) & 0x1FFF;
	if (offset != 0) {
		if (offset == 1 && p->proto == PROTO_TCP)
			return MALFORMED; /* RFC 3128: would overwrite the ports and flags */
		p->bits |= BIT_LATER_FRAGMENT;
		return PARSED;
	}
	switch (p->proto) {
	case PROTO_TCP:
		return parse_tcp(p, payload, start, end);
	case PROTO_UDP:
		return parse_udp(p, payload, start, end);
	case PROTO_ICMP:
		return parse_icmp(p, payload, end);
	}
	return PARSED;
}

static __always_inline int parse_ipv6(struct packet *p, struct ipv6 *ip, void *start, void *end)
{
	NEED(ip, end);
	p->kind = KIND_IPV6;
	copy_ipv6(&p->src, ip->src);
	copy_ipv6(&p->dst, ip->dst);
	p->flow_src = p->src;
	p->flow_dst = p->dst;
	p->proto = ip->next;
	if ((bpf_ntohl(ip->version_class_flow) >> 28) != 6)
		return MALFORMED;
	void *payload = ip + 1;
	int fragmented = 0;
	if (ip->next == PROTO_FRAGMENT) {
		struct ipv6_fragment *fragment = payload;
		NEED(fragment, end);
		p->proto = fragment->next;
		__u16 offset = bpf_ntohs(fragment->offset) >> 3;
		if (offset != 0) {
			if (offset == 1 && p->proto == PROTO_TCP)
				return MALFORMED;
			if (p->proto == PROTO_ICMPV6)
				p->proto = PROTO_ICMP;
			p->bits |= BIT_LATER_FRAGMENT;
			return PARSED;
		}
		payload = fragment + 1;
		fragmented = 1;
	}
	switch (p->proto) {
	case PROTO_TCP:
		return parse_tcp(p, payload, start, end);
	case PROTO_UDP:
		return parse_udp(p, payload, start, end);
	case PROTO_ICMPV6:
		return parse_icmpv6(p, payload, ip, fragmented, end);
	}
	return PARSED;
}

/* One attempt, on as much of the frame as lies in one piece. */
__noinline int parse_linear(struct __sk_buff *skb, struct packet *p)
{
	if (!p)
		return MALFORMED;
	void *start = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ethernet *ethernet = start;

	__builtin_memset(p, 0, sizeof(*p));
	NEED(ethernet, end);
	if (skb->vlan_present) {
		/* The tag is beside the frame. It belongs in it, and is no EtherType that is carried. */
		copy_mac(p->eth_dst, ethernet->dst);
		copy_mac(p->eth_src, ethernet->src);
		return PARSED;
	}
	if (ethernet->type == bpf_htons(ETHERTYPE_NSH)) {
		struct nsh *nsh = (struct nsh *)(ethernet + 1);
		NEED(nsh, end);
		__u16 base = bpf_ntohs(nsh->base);
		if (base >> 14 != 0 || (base & 63) != 6 || (nsh->md & 15) != 1 || nsh->next != 3)
			return MALFORMED;
		p->encapsulated = 1;
		copy_mac(p->outer_dst, ethernet->dst);
		p->nsh_ttl = base >> 6 & 63;
		p->nsh_flags = nsh->flags;
		p->path = bpf_ntohl(nsh->path);
		p->tenant = bpf_ntohl(nsh->tenant);
		p->identity = bpf_ntohl(nsh->identity);
		p->bucket = bpf_ntohs(nsh->bucket);
		ethernet = (struct ethernet *)(nsh + 1);
		NEED(ethernet, end);
	}
	copy_mac(p->eth_dst, ethernet->dst);
	copy_mac(p->eth_src, ethernet->src);
	void *payload = ethernet + 1;
	p->at_ip = payload - start;
	switch (ethernet->type) {
	case bpf_htons(ETHERTYPE_IPV4):
		return parse_ipv4(p, payload, start, end);
	case bpf_htons(ETHERTYPE_IPV6):
		return parse_ipv6(p, payload, start, end);
	case bpf_htons(ETHERTYPE_ARP):
		return parse_arp(p, payload, end);
	}
	return PARSED;
}

static __always_inline int parse(struct __sk_buff *skb, struct packet *p)
{
	int result = parse_linear(skb, p);
	if (result == TOO_SHORT && skb->len > skb->data_end - skb->data) {
		__u32 pull = skb->len < LONGEST_HEADERS ? skb->len : LONGEST_HEADERS;
		if (bpf_skb_pull_data(skb, pull))
			return MALFORMED;
		result = parse_linear(skb, p);
	}
	return result;
}

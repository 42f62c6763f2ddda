/* Ternary and range tables: a rule set is a list of blocks, asked in order of priority. */
#pragma once

/* Bounds a scan. A set may take all blocks there are. */
#define MAX_SCAN MAX_BLOCKS

enum { NO_RULE = 0, LOST = 255 };

struct scan {
	__u32 set;
	__u32 block;
	__u16 sport;
	__u16 dport;
	__u8  proto;
	__u8  bits;
	__u16 chains;
	__u32 action;
	__u32 slot;
};

static __always_inline int matches(const struct rule *r, const struct scan *s)
{
	return ((s->proto ^ r->proto) & r->proto_mask) == 0 && ((s->bits ^ r->bits) & r->bits_mask) == 0 &&
	       s->sport >= r->sport_low && s->sport <= r->sport_high && s->dport >= r->dport_low && s->dport <= r->dport_high;
}

static long scan_block(__u32 i, void *context)
{
	struct scan *s = context;
	struct block_key key = {.set = s->set, .block = s->block};
	struct block *b = s->chains ? bpf_map_lookup_elem(&chain_rules, &key) : bpf_map_lookup_elem(&rules, &key);
	if (!b) {
		/* Only the first may be missing. Another one went away under our feet: when in doubt, drop. */
		s->action = i == 0 ? NO_RULE : LOST;
		return 1;
	}
	__u32 count = b->count;
	for (int j = 0; j < RULES_PER_BLOCK; j++) {
		if (j >= count)
			break;
		if (matches(&b->rules[j], s)) {
			s->action = b->rules[j].action;
			s->slot = b->rules[j].slot;
			return 1;
		}
	}
	s->block = b->next;
	return s->block == 0;
}

struct found {
	__u32 action; /* of the first rule that matches, or NO_RULE */
	__u32 slot;
};

/* Asks the rules of a set: of the table chain_rules, or else of rules. */
__noinline int scan(const struct packet *p, __u32 set, int chains, struct found *found)
{
	if (!p || !found)
		return -1;
	struct scan s = {
		.set = set,
		.sport = p->sport,
		.dport = p->dport,
		.proto = p->proto,
		.bits = p->bits,
		.chains = chains,
	};
	bpf_loop(MAX_SCAN, scan_block, &s, 0);
	found->action = s.action;
	found->slot = s.slot;
	return 0;
}

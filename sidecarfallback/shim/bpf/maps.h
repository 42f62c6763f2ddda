/* The tables of p4/shim.p4 as maps. Identifiers and ports in keys and values are numbers in the
 * host's byte order; MAC and IP addresses are in network byte order. The package
 * sidecarfallback/shim/bpf mirrors each struct in Go. */
#pragma once

#define MAX_SOURCES      32768
#define MAX_DESTINATIONS 131072
#define MAX_PAIRS        196608 /* policy and chain_policy together */
#define MAX_BLOCKS       8192
#define MAX_VERDICTS     131072
#define MAX_CHAINS       65536
#define MAX_GATES        16384
#define MAX_INSTANCES    16384
#define MAX_TAPS         4096
#define MAX_MULTICAST    65536
#define MAX_REPLICAS     4096
#define MAX_LISTS        4096
#define MAX_COUNTERS     393224

/* What entries do. 0: there is none. */
enum { FROM = 1, FROM_LINK_LOCAL, FROM_ELSEWHERE };
enum { TO_PORT = 1, TO_EDGE, TO_NOWHERE };
enum { PERMIT = 1, DENY, BY_PORTS };
enum { MATCH_SLOT = 1, NO_SLOT };
enum { CHAIN_SLOT = 1, CHAIN_FRAGMENT, CHAIN_NOTHING };
enum { CHAIN = 1, NO_CHAIN };
enum { PASS = 1, FINISH, CLOSED, OFF_PATH };
enum { GROUP = 1, NO_GROUP };
enum { REPLICATE = 1, NO_REPLICAS };
enum { NEXT_EDGE = 1, HERE };

struct port {
	__u8 role;
	__u8 locator[6];
	__u8 pad;
};

/* Where the programs run. */
struct device {
	__u32 ifindex;  /* of the guarded interface */
	__u32 finisher; /* ifindex of the device that segments and completes checksums; 0: none */
	__u32 finish;   /* 1: whatever is to be encapsulated takes that way, not only what needs segmenting */
};

struct source_key {
	__u16      port;
	__u8       mac[6];
	union addr address;
};

struct source_prefix {
	__u32             bits; /* of what follows */
	struct source_key key;
} __attribute__((packed, aligned(4)));

struct source {
	__u32 action;
	__u32 identity;
	__u32 tenant;
};

struct destination_prefix {
	__u32 bits;
	__u8  address[16];
};

struct destination {
	__u8  action;
	__u8  answers;
	__u16 port;
	__u16 tree;
	__u8  mac[6];
	__u8  locator[6];
	__u16 pad;
	__u32 identity;
};

struct pair_key {
	__u32 source;
	__u32 destination;
};

/* The entries of policy and chain_policy for one pair. */
struct pair {
	__u32 policy;
	__u32 ruleset;
	__u32 counter;
	__u32 chainset; /* 0: no chain */
};

struct slot_key {
	__u32 source;
	__u32 destination;
	__u32 slot;
};

struct verdict {
	__u32 deny;
	__u32 counter;
};

struct chain {
	__u32 action;
	__u32 counter;
	__u32 spi;
};

/* One-bit fields that rules match. */
#define BIT_PORTS_KNOWN    1
#define BIT_SYN_ONLY       2
#define BIT_LATER_FRAGMENT 4
#define BIT_LOWER          8

struct rule {
	__u8  proto;
	__u8  proto_mask;
	__u8  bits;
	__u8  bits_mask;
	__u16 sport_low;
	__u16 sport_high;
	__u16 dport_low;
	__u16 dport_high;
	__u32 action;
	__u32 slot;
};

#define RULES_PER_BLOCK 16

/* Part of a set, in the order in which rules are asked. The first block of a set has the number 0. */
struct block {
	__u32       count;
	__u32       next; /* block; 0: none */
	struct rule rules[RULES_PER_BLOCK];
};

struct block_key {
	__u32 set;
	__u32 block;
};

struct gate_key {
	__u32 path; /* SPI 24, SI 8 */
	__u32 copy;
};

struct gate {
	__u8  action;
	__u8  reverse;
	__u8  si;
	__u8  pad;
	__u32 type;
	__u32 tapset;
};

struct instance_key {
	__u32 type;
	__u32 reverse;
};

struct edge {
	__u8  locator[6];
	__u16 tree;
};

/* Where each bucket goes. */
struct instances {
	__u32       up[8]; /* one bit per bucket */
	struct edge bucket[256];
};

struct sessions {
	__u16 bucket[256]; /* 0: none */
};

struct multicast_key {
	union addr group;
	__u32      source;
	__u32      pad;
};

struct multicast {
	__u32 action;
	__u32 counter;
	__u32 spi;
};

struct replication {
	__u16 action;
	__u16 group;
	__u16 tree;
	__u16 pad;
};

#define REPLICAS_PER_LIST 32

struct member {
	__u16 port;
	__u16 instance;
};

struct replica_list {
	__u32         count;
	struct member replica[REPLICAS_PER_LIST];
};

struct replica {
	__u32       action;
	struct edge edge;
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

/* The first counters are those of the default entries. */
enum { POLICY_MISS, VERDICT_MISS, CHAIN_MISS, MULTICAST_MISS };

#define TABLE(name, kind, k, v, n, f)          \
	struct {                               \
		__uint(type, kind);            \
		__type(key, k);                \
		__type(value, v);              \
		__uint(max_entries, n);        \
		__uint(map_flags, f);          \
	} name SEC(".maps")

TABLE(ports, BPF_MAP_TYPE_ARRAY, __u32, struct port, 3, 0);
TABLE(devices, BPF_MAP_TYPE_ARRAY, __u32, struct device, 1, 0);
/* An address of full length is found at once; only others need the trie. */
TABLE(source, BPF_MAP_TYPE_HASH, struct source_key, struct source, MAX_SOURCES, BPF_F_NO_PREALLOC);
TABLE(source_prefix, BPF_MAP_TYPE_LPM_TRIE, struct source_prefix, struct source, MAX_SOURCES, BPF_F_NO_PREALLOC);
TABLE(destination, BPF_MAP_TYPE_HASH, union addr, struct destination, MAX_DESTINATIONS, BPF_F_NO_PREALLOC);
TABLE(dest_prefix, BPF_MAP_TYPE_LPM_TRIE, struct destination_prefix, struct destination, MAX_DESTINATIONS, BPF_F_NO_PREALLOC);
TABLE(pairs, BPF_MAP_TYPE_HASH, struct pair_key, struct pair, MAX_PAIRS, BPF_F_NO_PREALLOC);
TABLE(rules, BPF_MAP_TYPE_HASH, struct block_key, struct block, MAX_BLOCKS, BPF_F_NO_PREALLOC);
TABLE(verdict, BPF_MAP_TYPE_HASH, struct slot_key, struct verdict, MAX_VERDICTS, BPF_F_NO_PREALLOC);
TABLE(chain_rules, BPF_MAP_TYPE_HASH, struct block_key, struct block, MAX_BLOCKS, BPF_F_NO_PREALLOC);
TABLE(chain_select, BPF_MAP_TYPE_HASH, struct slot_key, struct chain, MAX_CHAINS, BPF_F_NO_PREALLOC);
TABLE(gates, BPF_MAP_TYPE_HASH, struct gate_key, struct gate, MAX_GATES, BPF_F_NO_PREALLOC);
TABLE(instances, BPF_MAP_TYPE_HASH, struct instance_key, struct instances, MAX_INSTANCES, BPF_F_NO_PREALLOC);
TABLE(taps, BPF_MAP_TYPE_HASH, __u32, struct sessions, MAX_TAPS, BPF_F_NO_PREALLOC);
TABLE(multicast, BPF_MAP_TYPE_HASH, struct multicast_key, struct multicast, MAX_MULTICAST, BPF_F_NO_PREALLOC);
TABLE(replication, BPF_MAP_TYPE_HASH, __u32, struct replication, MAX_MULTICAST, BPF_F_NO_PREALLOC);
TABLE(groups, BPF_MAP_TYPE_HASH, __u32, struct replica_list, MAX_LISTS, BPF_F_NO_PREALLOC);
TABLE(clones, BPF_MAP_TYPE_HASH, __u32, struct replica_list, MAX_LISTS, BPF_F_NO_PREALLOC);
TABLE(replica, BPF_MAP_TYPE_HASH, __u32, struct replica, MAX_REPLICAS, BPF_F_NO_PREALLOC);
TABLE(counters, BPF_MAP_TYPE_ARRAY, __u32, struct counter, MAX_COUNTERS, BPF_F_MMAPABLE);
/* A flood is dropped on all processors at once, so each has counters of its own. */
TABLE(drops, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct counter, 32, 0);
/* 1 while this processor transmits what the programs made: they meet it again on its way out. */
TABLE(sending, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u32, 1, 0);

static __always_inline void *at(void *map, __u32 index)
{
	return bpf_map_lookup_elem(map, &index);
}

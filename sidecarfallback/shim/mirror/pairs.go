package mirror

import (
	"pillion/p4/engine"
	"pillion/sidecarfallback/shim/bpf"
)

const (
	policyPermit, policyDeny, policyByPorts = 1, 2, 3
)

// pair puts the entries of policy and chain_policy for two identities into one element.
func (m *Mirror) pair(key engine.Entry, _ *engine.EntryInfo) error {
	if number(key.Key[2].Value) != 0 {
		return nil // nothing returns from a middlebox here
	}
	k := bpf.ShimPairKey{Source: num32(key.Key[0].Value), Destination: num32(key.Key[1].Value)}
	policy, judged := m.sw.Table("ingress.policy").Get(key)
	chains, steered := m.sw.Table("ingress.chain_policy").Get(key)
	if !judged {
		m.counters.release("ingress.policy", key)
	}
	if !judged && !steered {
		return remove(m.out, m.maps.Pairs, &k)
	}
	var v bpf.ShimPair
	if steered && chains.Action == "ingress.steer_by" {
		v.Chainset = num32(arg(&chains.Entry, 0))
	}
	if judged {
		switch policy.Action {
		case "ingress.permit":
			v.Policy = policyPermit
		case "ingress.deny":
			v.Policy = policyDeny
		case "ingress.by_ports":
			v.Policy, v.Ruleset = policyByPorts, num32(arg(&policy.Entry, 0))
		default:
			return unknownAction(&policy)
		}
		var now bpf.ShimPair
		known := m.counters.taking && m.maps.Pairs.Lookup(&k, &now) == nil && now.Policy != 0
		var err error
		if v.Counter, err = m.counters.acquire("ingress.policy", key, policy.Counter, now.Counter, known); err != nil {
			return err
		}
	}
	return put(m.out, m.maps.Pairs, &k, &v)
}

func slotKey(key engine.Entry) bpf.ShimSlotKey {
	return bpf.ShimSlotKey{Source: num32(key.Key[0].Value), Destination: num32(key.Key[1].Value), Slot: num32(key.Key[3].Value)}
}

func (m *Mirror) verdict(key engine.Entry, e *engine.EntryInfo) error {
	if number(key.Key[2].Value) != 0 {
		return nil
	}
	k := slotKey(key)
	if e == nil {
		m.counters.release("ingress.verdict", key)
		return remove(m.out, m.maps.Verdict, &k)
	}
	var v, now bpf.ShimVerdict
	switch e.Action {
	case "ingress.permit_slot":
	case "ingress.deny_slot":
		v.Deny = 1
	default:
		return unknownAction(e)
	}
	known := m.counters.taking && m.maps.Verdict.Lookup(&k, &now) == nil
	var err error
	if v.Counter, err = m.counters.acquire("ingress.verdict", key, e.Counter, now.Counter, known); err != nil {
		return err
	}
	return put(m.out, m.maps.Verdict, &k, &v)
}

func (m *Mirror) chainSelect(key engine.Entry, e *engine.EntryInfo) error {
	if number(key.Key[2].Value) != 0 {
		return nil
	}
	k := slotKey(key)
	if e == nil {
		m.counters.release("ingress.chain_select", key)
		return remove(m.out, m.maps.ChainSelect, &k)
	}
	var v, now bpf.ShimChain
	switch e.Action {
	case "ingress.chain":
		v.Action, v.Spi = chainTaken, num32(arg(&e.Entry, 0))
	case "ingress.no_chain":
		v.Action = chainNone
	default:
		return unknownAction(e)
	}
	known := m.counters.taking && m.maps.ChainSelect.Lookup(&k, &now) == nil
	var err error
	if v.Counter, err = m.counters.acquire("ingress.chain_select", key, e.Counter, now.Counter, known); err != nil {
		return err
	}
	return put(m.out, m.maps.ChainSelect, &k, &v)
}

func (m *Mirror) multicast(key engine.Entry, e *engine.EntryInfo) error {
	k := bpf.ShimMulticastKey{Source: num32(key.Key[1].Value)}
	k.Group.B = address(key.Key[0].Value)
	if e == nil {
		m.counters.release("ingress.multicast", key)
		return remove(m.out, m.maps.Multicast, &k)
	}
	var v, now bpf.ShimMulticast
	switch e.Action {
	case "ingress.group":
		v.Action, v.Spi = groupKnown, num32(arg(&e.Entry, 0))
	case "ingress.no_group":
		v.Action = groupNone
	default:
		return unknownAction(e)
	}
	known := m.counters.taking && m.maps.Multicast.Lookup(&k, &now) == nil
	var err error
	if v.Counter, err = m.counters.acquire("ingress.multicast", key, e.Counter, now.Counter, known); err != nil {
		return err
	}
	return put(m.out, m.maps.Multicast, &k, &v)
}

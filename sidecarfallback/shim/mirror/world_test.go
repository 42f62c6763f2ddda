package mirror

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"pillion/p4/engine"
	"pillion/runtime/packet"
)

// world draws entities and frames from small pools, so that what is drawn often fits together.
type world struct{ *rand.Rand }

func newWorld(seed uint64) world { return world{rand.New(rand.NewPCG(seed, 7))} }

func (w world) one(in int) bool { return w.IntN(in) == 0 }

func pick[T any](w world, from []T) T { return from[w.IntN(len(from))] }

// host is behind the shim; the others are elsewhere.
var (
	host   = packet.MAC{2, 0, 0, 0, 0, 1}
	others = []packet.MAC{{2, 0, 0, 0, 0, 2}, {2, 0, 0, 0, 0, 3}, {2, 0, 0, 0, 0, 4}}
	local  = packet.MAC{2, 0x50, 0, 0, 0, 1} // locator
	edges  = []packet.MAC{{2, 0x50, 0, 0, 0, 2}, {2, 0x50, 0, 0, 0, 3}}

	hostAddrs  = []netip.Addr{ip("10.0.0.1"), ip("fd00::1")}
	otherAddrs = []netip.Addr{ip("10.0.0.2"), ip("10.0.0.3"), ip("10.0.1.4"), ip("fd00::2"), ip("fd00::3"), ip("fd00:0:1::4"), ip("fe80::2"), ip("192.0.2.9")}
	groups     = []netip.Addr{ip("239.1.1.1"), ip("224.129.2.3"), ip("ff05::1:3")}
	ports      = []uint16{0, 1, 53, 80, 443, 8080, 40000, 65535}
	protocols  = []uint8{0, 1, 2, 6, 6, 6, 17, 17, 17, 43, 44, 47, 50, 58, 60, 132, 135}
)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// macOf is the address that belongs to an IP address.
func macOf(a netip.Addr) packet.MAC {
	if slices.Contains(hostAddrs, a) {
		return host
	}
	return others[slices.Index(otherAddrs, a)%len(others)]
}

func (w world) mac() packet.MAC {
	if w.one(3) {
		return host
	}
	return pick(w, others)
}

// often draws from 1 and 2, and sometimes 0 or another small number.
func (w world) often() uint64 {
	if w.one(8) {
		return w.Uint64N(4)
	}
	return 1 + w.Uint64N(2)
}

func (w world) identity() uint64 { return w.often() }
func (w world) slot() uint64     { return w.often() }
func (w world) set() uint64      { return w.often() }
func (w world) bit() uint64      { return w.Uint64N(2) }
func (w world) tree() uint64     { return pick(w, []uint64{0, 1, 7, 0x8000}) }
func (w world) si() uint64       { return pick(w, []uint64{255, 255, 255, 254, 253}) }

func (w world) spi() uint64 {
	if w.one(10) {
		return pick(w, []uint64{0, 0xFFFFFF})
	}
	return w.often()
}

func be(n uint64) []byte {
	b := []byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	for len(b) > 1 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

func exact(n uint64) engine.KeyField { return engine.KeyField{Value: be(n)} }

func long(a netip.Addr) []byte { b := a.As16(); return b[:] }

func (w world) prefix(a netip.Addr) engine.KeyField {
	bits := 128
	if w.one(4) {
		bits = pick(w, []int{0, 64, 96, 104, 112, 120, 127, w.IntN(129)})
	}
	return engine.KeyField{Value: long(a), PrefixLen: bits}
}

func (w world) ternary(value, mask uint64) engine.KeyField {
	if !w.one(4) {
		return engine.KeyField{}
	}
	if w.one(6) {
		mask = w.Uint64N(mask + 1)
	}
	return engine.KeyField{Value: be(value), Mask: be(mask)}
}

func (w world) portRange() engine.KeyField {
	switch w.IntN(5) {
	case 0, 1, 2:
		return engine.KeyField{}
	case 3:
		p := uint64(pick(w, ports))
		return engine.KeyField{Value: be(p), High: be(p)}
	}
	lo, hi := uint64(pick(w, ports)), uint64(pick(w, ports))
	return engine.KeyField{Value: be(min(lo, hi)), High: be(max(lo, hi))}
}

func (w world) bucketRange() engine.KeyField {
	lo, hi := uint64(w.IntN(256)), uint64(w.IntN(256))
	if w.one(3) {
		lo, hi = 0, pick(w, []uint64{255, 65535})
	}
	return engine.KeyField{Value: be(min(lo, hi)), High: be(max(lo, hi))}
}

type action struct {
	name string
	args [][]byte
}

func act(name string, args ...any) action {
	a := action{name: name}
	for _, x := range args {
		switch v := x.(type) {
		case uint64:
			a.args = append(a.args, be(v))
		case packet.MAC:
			a.args = append(a.args, v[:])
		default:
			panic(fmt.Sprintf("%T", x))
		}
	}
	return a
}

// entity is one thing that a controller may write.
type entity struct {
	table   string // or the replication engine
	entry   engine.Entry
	id      uint32
	list    []engine.Replica
	session bool
}

func (w world) entry(table string) entity {
	e := entity{table: table}
	key := func(f ...engine.KeyField) { e.entry.Key = f }
	do := func(a action) { e.entry.Action, e.entry.Args = a.name, a.args }
	pair := []engine.KeyField{exact(w.identity()), exact(w.identity()), exact(uint64(w.IntN(20) / 19))}
	switch table {
	case "ingress.ports":
		if w.one(2) {
			key(exact(1))
			do(act("ingress.endpoint", local))
		} else {
			key(exact(2))
			do(act("ingress.fabric_port", local))
		}
	case "ingress.source":
		if w.one(2) {
			key(exact(1), exact(macNumber(host)), w.prefix(pick(w, hostAddrs)))
		} else {
			a := pick(w, otherAddrs)
			key(exact(2), exact(macNumber(macOf(a))), w.prefix(a))
		}
		do(act("ingress.from", w.identity(), w.Uint64()>>32))
		if w.one(8) {
			do(pick(w, []action{act("ingress.from_link_local"), act("ingress.from_elsewhere")}))
		}
	case "ingress.destination":
		a := pick(w, append(slices.Clone(hostAddrs), otherAddrs...))
		key(w.prefix(a))
		if slices.Contains(hostAddrs, a) && !w.one(8) {
			do(act("ingress.to_port", uint64(1), host, w.identity(), w.bit()))
			break
		}
		do(pick(w, []action{
			act("ingress.to_port", 1+w.Uint64N(2), macOf(a), w.identity(), w.bit()),
			act("ingress.to_edge", pick(w, edges), w.tree(), macOf(a), w.identity(), w.bit()),
			act("ingress.to_edge", pick(w, edges), w.tree(), macOf(a), w.identity(), w.bit()),
			act("ingress.to_nowhere"),
		}))
	case "ingress.policy":
		key(pair...)
		do(pick(w, []action{act("ingress.permit"), act("ingress.permit"), act("ingress.permit"), act("ingress.permit"), act("ingress.deny"), act("ingress.by_ports", w.set()), act("ingress.by_ports", w.set())}))
	case "ingress.rules":
		key(exact(w.set()), w.ternary(uint64(pick(w, protocols)), 255), w.ternary(w.bit(), 1), w.ternary(w.bit(), 1), w.portRange(), w.portRange())
		e.entry.Priority = int32(1 + w.IntN(20))
		do(pick(w, []action{act("ingress.match_slot", w.slot()), act("ingress.match_slot", w.slot()), act("ingress.no_slot")}))
	case "ingress.verdict":
		key(append(pair, exact(w.slot()))...)
		do(pick(w, []action{act("ingress.permit_slot"), act("ingress.permit_slot"), act("ingress.deny_slot")}))
	case "ingress.chain_policy":
		key(pair...)
		do(pick(w, []action{act("ingress.steer_by", w.set()), act("ingress.steer_by", w.set()), act("NoAction")}))
	case "ingress.chain_rules":
		key(exact(w.set()), w.ternary(uint64(pick(w, protocols)), 255), w.ternary(w.bit(), 1), w.ternary(w.bit(), 1), w.ternary(w.bit(), 1), w.portRange(), w.portRange())
		e.entry.Priority = int32(1 + w.IntN(20))
		slot := act("ingress.chain_slot", w.slot())
		do(pick(w, []action{slot, slot, slot, act("ingress.chain_fragment"), act("NoAction")}))
	case "ingress.chain_select":
		key(append(pair, exact(w.slot()))...)
		chain := act("ingress.chain", w.spi())
		do(pick(w, []action{chain, chain, chain, act("ingress.no_chain")}))
	case "ingress.gates":
		key(exact(w.spi()), exact(w.si()), exact(uint64(w.IntN(6)/5)))
		pass := act("ingress.pass", w.si(), w.often(), w.bit(), w.often())
		do(pick(w, []action{pass, pass, act("ingress.finish", w.si(), w.often()), act("ingress.closed"), act("ingress.off_path")}))
	case "ingress.instances":
		key(exact(w.often()), exact(w.bit()), w.bucketRange())
		e.entry.Priority = int32(1 + w.IntN(5))
		to := act("ingress.to_instance", pick(w, edges), w.tree())
		do(pick(w, []action{to, to, to, act("ingress.no_instance")}))
	case "ingress.taps":
		key(exact(w.often()), w.bucketRange())
		e.entry.Priority = int32(1 + w.IntN(5))
		do(pick(w, []action{act("ingress.copy_to", w.often()), act("ingress.copy_to", w.often()), act("NoAction")}))
	case "ingress.multicast":
		key(engine.KeyField{Value: long(pick(w, groups))}, exact(w.identity()))
		to := act("ingress.group", w.spi())
		do(pick(w, []action{to, to, to, act("ingress.no_group")}))
	case "ingress.replication":
		from := uint64(0)
		if w.one(10) {
			from = macNumber(pick(w, edges))
		}
		key(exact(w.spi()), exact(from))
		to := act("ingress.replicate", max(1, w.often()), w.tree())
		do(pick(w, []action{to, to, to, act("ingress.no_replicas")}))
	case "egress.replica":
		key(exact(w.often()))
		to := act("egress.next_edge", pick(w, edges), w.tree())
		do(pick(w, []action{to, to, to, act("egress.here")}))
	case "group", "session":
		e.session = table == "session"
		e.id = uint32(max(1, w.often()))
		toHost := false
		for range w.IntN(5) {
			r := engine.Replica{Port: uint32(1 + w.IntN(10)/2), Rid: uint32(w.often())}
			r.Port = min(r.Port, 2+uint32(w.IntN(10)/9))
			if r.Port == 1 && toHost || slices.Contains(e.list, r) {
				continue
			}
			toHost = toHost || r.Port == 1
			e.list = append(e.list, r)
		}
	}
	return e
}

func macNumber(m packet.MAC) uint64 { return number(m[:]) }

// entities is one random configuration.
func (w world) entities() []entity {
	var out []entity
	add := func(table string, n int) {
		for range n {
			out = append(out, w.entry(table))
		}
	}
	if !w.one(20) {
		for port, do := range []string{"ingress.endpoint", "ingress.fabric_port"} {
			out = append(out, entity{table: "ingress.ports", entry: engine.Entry{Key: []engine.KeyField{exact(uint64(1 + port))}, Action: do, Args: [][]byte{local[:]}}})
		}
	}
	add("ingress.ports", 2)
	add("ingress.source", 20)
	add("ingress.destination", 24)
	add("ingress.policy", 20)
	add("ingress.rules", w.IntN(30))
	if w.one(10) {
		add("ingress.rules", 150)
		add("ingress.chain_rules", 150)
	}
	add("ingress.verdict", 20)
	add("ingress.chain_policy", 16)
	add("ingress.chain_rules", w.IntN(16))
	add("ingress.chain_select", 30)
	add("ingress.gates", 20)
	add("ingress.instances", 8)
	add("ingress.taps", 5)
	add("ingress.multicast", 8)
	add("ingress.replication", 5)
	add("egress.replica", 4)
	add("group", 3)
	add("session", 3)
	w.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

package mirror

import (
	"fmt"
	"slices"
	"sync"

	"github.com/cilium/ebpf"

	"pillion/p4/engine"
	"pillion/sidecarfallback/shim/bpf"
)

// Mirror writes the maps. Its methods must not be called at the same time, but for Count and Drops.
type Mirror struct {
	maps *bpf.ShimMaps
	sw   *engine.Switch
	out  sink
	live sink // the kernel

	tables   map[string]table
	sets     map[setKey]*ruleSet
	arms     map[bucketKey]*bucketList
	defaults map[string]engine.EntryInfo // of the program
	fields   map[string][]engine.KeyInfo

	mu       sync.Mutex // guards what follows: Count runs beside the rest
	counters counters
}

// table says how the entries of one table become elements.
type table struct {
	name    string // of the engine's table
	counted bool
	// write brings the elements of an entry up to date; e is nil if there is none with this key.
	write func(m *Mirror, key engine.Entry, e *engine.EntryInfo) error
}

var tables = []table{
	{"ingress.ports", false, (*Mirror).port},
	{"ingress.source", false, (*Mirror).source},
	{"ingress.destination", false, (*Mirror).destination},
	{"ingress.policy", true, (*Mirror).pair},
	{"ingress.rules", false, (*Mirror).rule},
	{"ingress.verdict", true, (*Mirror).verdict},
	{"ingress.chain_policy", false, (*Mirror).pair},
	{"ingress.chain_rules", false, (*Mirror).chainRule},
	{"ingress.chain_select", true, (*Mirror).chainSelect},
	{"ingress.gates", false, (*Mirror).gate},
	{"ingress.instances", false, (*Mirror).instance},
	{"ingress.taps", false, (*Mirror).tap},
	{"ingress.multicast", true, (*Mirror).multicast},
	{"ingress.replication", false, (*Mirror).replication},
	{"egress.replica", false, (*Mirror).replica},
}

// New makes a mirror that writes these maps. Nothing is written before Follow.
func New(maps *bpf.ShimMaps) (*Mirror, error) {
	m := &Mirror{maps: maps, live: kernel{}, tables: map[string]table{}}
	for _, t := range tables {
		m.tables[t.name] = t
	}
	memory, err := maps.Counters.Memory()
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", maps.Counters, err)
	}
	m.counters.cells = memory
	return m, nil
}

// followed are the maps that entries go to. What is referred to comes before what refers to it.
func (m *Mirror) followed() []*ebpf.Map {
	return []*ebpf.Map{
		m.maps.Replica, m.maps.Groups, m.maps.Clones, m.maps.Taps, m.maps.Instances, m.maps.Gates, m.maps.ChainSelect, m.maps.ChainRules,
		m.maps.Verdict, m.maps.Rules, m.maps.Pairs, m.maps.Replication, m.maps.Multicast, m.maps.DestPrefix, m.maps.Destination,
		m.maps.SourcePrefix, m.maps.Source, m.maps.Ports,
	}
}

// Follow makes the maps hold what an engine holds, whatever they held before. Elements that are right already are
// not touched, and keep their counters.
func (m *Mirror) Follow(sw *engine.Switch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range tables {
		if sw.Table(t.name) == nil {
			return refuse("the program has no table %s: it is not shim.p4", t.name)
		}
	}
	m.sw, m.sets, m.arms = sw, map[setKey]*ruleSet{}, map[bucketKey]*bucketList{}
	m.defaults, m.fields = map[string]engine.EntryInfo{}, map[string][]engine.KeyInfo{}
	fresh := engine.New(sw.Program(), engine.Options{})
	for _, t := range tables {
		m.defaults[t.name] = fresh.Table(t.name).Default()
		m.fields[t.name] = fresh.Table(t.name).Info().Keys
	}
	wanted := collection{}
	m.out = wanted
	m.counters.start(true)
	if err := m.all(); err != nil {
		return err
	}
	m.counters.start(false)
	have := map[*ebpf.Map]map[string][]byte{}
	for _, target := range m.followed() {
		var err error
		if have[target], err = content(target); err != nil {
			return err
		}
	}
	for _, chains := range []bool{false, true} {
		if err := m.renumber(chains, have, wanted); err != nil {
			return err
		}
	}
	m.out = m.live
	// All that is referred to is there before anything refers to it, and goes after it: a frame that finds a half is dropped, and never let through
	// past a deny or a chain.
	for _, target := range m.followed() {
		if err := complete(m.live, target, have[target], wanted[target]); err != nil {
			return err
		}
	}
	for _, target := range slices.Backward(m.followed()) {
		if err := clear(m.live, target, have[target], wanted[target]); err != nil {
			return err
		}
	}
	return nil
}

// all tells of everything that the engine holds.
func (m *Mirror) all() error {
	for _, t := range tables {
		if err := m.checkDefault(t.name); err != nil {
			return err
		}
		var failed error
		m.sw.Table(t.name).Each(func(e engine.EntryInfo) bool {
			failed = t.write(m, engine.Entry{Key: e.Key, Priority: e.Priority}, &e)
			return failed == nil
		})
		if failed != nil {
			return fmt.Errorf("table %s: %w", t.name, failed)
		}
	}
	for _, id := range m.sw.MulticastGroups() {
		if err := m.Group(id); err != nil {
			return err
		}
	}
	for _, id := range m.sw.CloneSessions() {
		if err := m.Session(id); err != nil {
			return err
		}
	}
	return nil
}

// Entry is to be called when the entry with this key and priority was written, or taken back; without a key
// it is the table's default entry. counter says that its counter was written, too.
func (m *Mirror) Entry(name string, key engine.Entry, counter bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.tables[name]
	if !ok {
		return refuse("there is no table %s", name)
	}
	if len(key.Key) == 0 {
		if err := m.checkDefault(name); err != nil {
			return err
		}
		if counter && t.counted {
			m.counters.set(missCounter[name], m.sw.Table(name).Default().Counter)
		}
		return nil
	}
	key = canonical(m.fields[name], key)
	e, ok := m.sw.Table(name).Get(key)
	if !ok {
		return t.write(m, key, nil)
	}
	if err := t.write(m, key, &e); err != nil {
		return err
	}
	if counter && t.counted {
		if at, ok := m.counters.of[counterKey{name, keyText(key)}]; ok {
			m.counters.set(at, e.Counter)
		}
	}
	return nil
}

// checkDefault refuses default entries other than the program's: no map has a place for them.
func (m *Mirror) checkDefault(name string) error {
	now, program := m.sw.Table(name).Default(), m.defaults[name]
	if now.Action != program.Action || !slices.EqualFunc(now.Args, program.Args, func(a, b []byte) bool { return string(a) == string(b) }) {
		return refuse("the default action of table %s is always %s", name, program.Action)
	}
	return nil
}

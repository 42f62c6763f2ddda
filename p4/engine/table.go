package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Table is one match-action table of a [Switch].
type Table struct {
	// What packets read.
	def       *tableDef
	sw        *Switch
	find      *matcher
	miss      atomic.Pointer[bound] // the default entry
	missStats entryStats

	_ cacheLine

	// mu orders writers. Packets do not take it.
	mu          sync.Mutex
	seq         uint64
	count       int
	first, last *entry
	sought      *entry // room for the key that is looked up
	place       string // for errors
	fixed       bool   // its entries are constant
	size        int    // in entries
}

// cacheLine keeps what packets read away from what writers write all the time, which would
// else travel between the cores with every write.
type cacheLine [64]byte

func newTable(sw *Switch, d *tableDef) *Table {
	t := &Table{def: d, sw: sw, place: fmt.Sprintf("table %q", d.name), find: d.newMatcher(), sought: d.newEntry(), fixed: d.isConst, size: d.size}
	if size, ok := sw.opts.Initial[d.name]; ok && d.isConst {
		t.fixed, t.size = false, max(size, d.size)
	}
	t.miss.Store(d.initialDefault())
	for _, c := range d.constEntries {
		e := d.newEntry()
		copy(e.words, c.entry.words)
		e.rank = c.entry.rank
		e.first.bound = bound{call: c.call, next: d.after(c.call.action, true)}
		e.bound.Store(&e.first.bound)
		t.add(e)
	}
	return t
}

// Info describes the table.
func (t *Table) Info() TableInfo {
	info := t.sw.prog.tableInfo(t.def)
	info.ConstEntries, info.Size = t.fixed, t.size
	return info
}

// bind checks what an entry points at, and fills b with it; room is for arguments.
func (t *Table) bind(b *boundCall, room []uint64, e Entry, hit bool) (*bound, error) {
	b.kind = e.Kind
	if e.IdleTimeout < 0 || e.IdleTimeout > 0 && !t.def.timeout {
		return nil, invalidf("%s: its entries have no idle timeout", t.place)
	}
	if (e.Kind == Direct) != (t.def.profile < 0) {
		if t.def.profile < 0 {
			return nil, invalidf("%s has no action profile", t.place)
		}
		return nil, invalidf("%s takes members or groups of action profile %q", t.place, t.sw.profiles[t.def.profile].def.name)
	}
	if e.Kind != Direct || e.IdleTimeout != 0 || e.Opaque != nil {
		b.more = &boundMore{idleTimeout: e.IdleTimeout, opaque: e.Opaque}
	}
	switch e.Kind {
	case Direct:
		if err := t.def.actions.fill(&b.call, room, t.place, e.Action, e.Args); err != nil {
			return nil, err
		}
		b.bound.call, b.next = &b.call, t.def.after(b.call.action, hit)
		return &b.bound, nil
	case ViaMember, ViaGroup, OneShot:
		return &b.bound, t.sw.profiles[t.def.profile].bind(b.more, e, t.place)
	}
	return nil, invalidf("%s: unknown entry kind %d", t.place, e.Kind)
}

// unbind drops the references that an entry held.
func (t *Table) unbind(b *bound) {
	if b != nil && b.kind != Direct {
		t.sw.profiles[t.def.profile].unbind(b)
	}
}

func (t *Table) writable() error {
	if t.fixed {
		return fmt.Errorf("%s has constant entries: %w", t.place, ErrReadOnly)
	}
	if len(t.def.keys) == 0 {
		return invalidf("%s has no key: it has a default entry only", t.place)
	}
	return nil
}

// Insert adds an entry. It fails with ErrExists, ErrFull, ErrReadOnly or ErrInvalid,
// and then changes nothing.
func (t *Table) Insert(e Entry) error {
	if err := t.writable(); err != nil {
		return err
	}
	in := t.def.newEntry()
	if err := t.def.parseKey(in, e); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.find.same(in) != nil {
		return fmt.Errorf("%s: an entry with this key %w", t.place, ErrExists)
	}
	if t.count >= t.size {
		return fmt.Errorf("%s holds %d entries: %w", t.place, t.size, ErrFull)
	}
	b, err := t.bind(&in.first, in.spare(), e, true)
	if err != nil {
		return err
	}
	in.bound.Store(b)
	t.touch(in)
	t.add(in)
	return nil
}

// touch starts an entry's idle time anew.
func (t *Table) touch(e *entry) {
	if t.def.timeout {
		e.stats.lastHit.Store(int64(t.sw.now()))
	}
}

func (t *Table) add(e *entry) {
	t.seq++
	e.seq = t.seq
	e.prev = t.last
	if t.last != nil {
		t.last.following = e
	} else {
		t.first = e
	}
	t.last = e
	t.count++
	t.find.insert(e)
}

// lookupLocked finds the entry with this key and priority.
func (t *Table) lookupLocked(e Entry) (*entry, error) {
	if err := t.def.parseKey(t.sought, e); err != nil {
		return nil, err
	}
	if found := t.find.same(t.sought); found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("%s: an entry with this key is %w", t.place, ErrNotFound)
}

// Modify replaces what the entry with this key and priority does. Counters stay.
func (t *Table) Modify(e Entry) error {
	if err := t.writable(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	found, err := t.lookupLocked(e)
	if err != nil {
		return err
	}
	b, err := t.bind(new(boundCall), nil, e, true)
	if err != nil {
		return err
	}
	t.unbind(found.bound.Swap(b))
	t.touch(found)
	return nil
}

// Delete removes the entry with this key and priority; the rest of e is not looked at.
func (t *Table) Delete(e Entry) error {
	if err := t.writable(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	found, err := t.lookupLocked(e)
	if err != nil {
		return err
	}
	t.find.remove(found)
	if found.prev != nil {
		found.prev.following = found.following
	} else {
		t.first = found.following
	}
	if found.following != nil {
		found.following.prev = found.prev
	} else {
		t.last = found.prev
	}
	t.count--
	t.unbind(found.bound.Load())
	return nil
}

// SetDefault replaces the default entry: e without key. If the program made the
// default action constant, only its own action and arguments are taken.
func (t *Table) SetDefault(e Entry) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, err := t.bind(new(boundCall), nil, e, false)
	if err != nil {
		return err
	}
	if old := t.def.initialDefault(); t.def.constDefault {
		if b.kind != Direct || b.call.action != old.call.action || !equalWords(b.call.args, old.call.args) {
			t.unbind(b)
			return fmt.Errorf("%s has a constant default action: %w", t.place, ErrReadOnly)
		}
	}
	t.unbind(t.miss.Swap(b))
	return nil
}

// ResetDefault restores the default entry of the P4 program.
func (t *Table) ResetDefault() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unbind(t.miss.Swap(t.def.initialDefault()))
}

// Default returns the default entry. Its Action is empty if the table has none: a miss
// then does nothing.
func (t *Table) Default() EntryInfo {
	var info EntryInfo
	t.describe(&info, nil, t.miss.Load(), &t.missStats)
	info.Default, info.Const = true, t.def.constDefault
	return info
}

// Len returns the number of entries, without the default.
func (t *Table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count
}

// Get returns the entry with the key and priority of e, and false if there is none.
func (t *Table) Get(e Entry) (EntryInfo, bool) {
	t.mu.Lock()
	found, err := t.lookupLocked(e)
	t.mu.Unlock()
	if err != nil {
		return EntryInfo{}, false
	}
	return t.info(found), true
}

// Match returns the entry that a packet with these key values (one big-endian byte
// string per field) would hit.
func (t *Table) Match(values [][]byte) (EntryInfo, bool) {
	if len(values) != len(t.def.keys) {
		return EntryInfo{}, false
	}
	key := make([]uint64, t.def.keyWords)
	for i, k := range t.def.keys {
		if !wordsFromBytes(key[k.words.off:k.words.off+k.words.n], values[i], k.width) {
			return EntryInfo{}, false
		}
	}
	e := t.find.lookup(key)
	if e == nil {
		return EntryInfo{}, false
	}
	return t.info(e), true
}

// Each calls f for the entries, in the order of their insertion, until f returns
// false. The entries are those at the time of the call; f may write to the table.
func (t *Table) Each(f func(EntryInfo) bool) {
	for _, e := range t.all() {
		if !f(t.info(e)) {
			return
		}
	}
}

// Scan is Each without memory of its own for every entry: what f is given is f's until it returns.
func (t *Table) Scan(f func(*EntryInfo) bool) {
	var info EntryInfo
	for _, e := range t.all() {
		t.describe(&info, e, e.bound.Load(), e.stats)
		if !f(&info) {
			return
		}
	}
}

func (t *Table) all() []*entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*entry, 0, t.count)
	for e := t.first; e != nil; e = e.following {
		all = append(all, e)
	}
	return all
}

// EachIdle calls f for the entries that no packet has hit for their idle timeout.
func (t *Table) EachIdle(f func(EntryInfo) bool) {
	if !t.def.timeout {
		return
	}
	t.Each(func(e EntryInfo) bool {
		if e.IdleTimeout > 0 && e.SinceHit >= e.IdleTimeout {
			return f(e)
		}
		return true
	})
}

func (t *Table) info(e *entry) (out EntryInfo) {
	t.describe(&out, e, e.bound.Load(), e.stats)
	return out
}

// describe overwrites out, and uses the memory of its key and arguments again. An e of nil is
// the default entry.
func (t *Table) describe(out *EntryInfo, e *entry, b *bound, s *entryStats) {
	more := b.extra()
	key, args := out.Key, out.Args
	*out = EntryInfo{Entry: Entry{Kind: b.kind, IdleTimeout: more.idleTimeout, Opaque: more.opaque}}
	if e != nil {
		out.Key, out.Const = t.def.keyFields(e, key), t.fixed
		if t.def.needsPriority {
			out.Priority = e.rank
		}
	}
	switch b.kind {
	case Direct:
		if b.call != nil {
			out.Action, out.Args = b.call.action.name, b.call.argBytes(args)
		}
	case ViaMember:
		out.Member = more.member.id
	case ViaGroup:
		out.Group = more.group.id
	case OneShot:
		out.Set = more.group.oneShot
	}
	if t.def.counters {
		out.Counter = s.counter()
	}
	if t.def.meter >= 0 {
		out.Meter = s.meter.Load().config()
	}
	if t.def.timeout && e != nil {
		out.SinceHit = time.Duration(int64(t.sw.now()) - s.lastHit.Load())
	}
}

// stats finds the counters and meter of an entry, or of the default entry if e has no key.
func (t *Table) stats(e Entry) (*entryStats, error) {
	if len(e.Key) == 0 {
		return &t.missStats, nil
	}
	found, err := t.lookupLocked(e)
	if err != nil {
		return nil, err
	}
	return found.stats, nil
}

// SetCounter writes the direct counter of the entry with the key and priority of e;
// of the default entry if e has no key.
func (t *Table) SetCounter(e Entry, c CounterData) error {
	if !t.def.counters {
		return invalidf("%s has no direct counter", t.place)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.stats(e)
	if err != nil {
		return err
	}
	s.packets.Store(c.Packets)
	s.bytes.Store(c.Bytes)
	return nil
}

// SetMeter configures the direct meter of the entry with the key and priority of e (of
// the default entry if e has no key); nil makes every packet green.
func (t *Table) SetMeter(e Entry, c *MeterConfig) error {
	if t.def.meter < 0 {
		return invalidf("%s has no direct meter", t.place)
	}
	cell, err := newMeterCell(c, t.sw.now())
	if err != nil {
		return fmt.Errorf("%s: %w", t.place, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.stats(e)
	if err != nil {
		return err
	}
	s.meter.Store(cell)
	return nil
}

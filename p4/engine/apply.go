package engine

// apply runs a pipeline from its beginning.
func (p *packet) apply(first *edge) {
	if p.job.trace == nil {
		p.run(first.step)
		return
	}
	for n := first.node; n != nil && !p.exit && !p.dead; {
		switch {
		case n.table != nil:
			next := p.applyTable(n.table)
			if next == nil {
				return
			}
			n = next.node
		case n.cond != nil:
			truth := n.cond(p)
			p.record(func() Event { return Event{Kind: EventCondition, Name: n.name, Hit: truth} })
			if truth {
				n = n.ifTrue
			} else {
				n = n.ifFalse
			}
		default:
			p.execute(n.action, nil)
			n = n.next
		}
	}
}

// applyTable looks a packet up, counts and meters it, and runs the action.
func (p *packet) applyTable(d *tableDef) *edge {
	t := p.sw.tables[d.index]
	stats := &t.missStats
	var b *bound
	var e *entry
	if len(d.keys) > 0 {
		if e = t.find.lookup(p.tableKey(d)); e != nil {
			b, stats = e.bound.Load(), e.stats
		}
	}
	if b == nil {
		b = t.miss.Load()
	}
	if d.counters {
		stats.packets.Add(1)
		stats.bytes.Add(p.frameLen)
	}
	if d.timeout {
		stats.lastHit.Store(int64(p.now))
	}
	if d.meter >= 0 {
		p.directMeter(d, stats, e != nil)
	}
	call, next := b.call, b.next
	var chosen *member
	if b.kind != Direct {
		if chosen = b.more.member; chosen == nil {
			chosen = p.choosePath(d, b.more.group)
		}
		next = d.missNext
		if chosen != nil {
			call = chosen.call.Load()
			next = d.after(call.action, e != nil)
		}
	}
	if p.job.trace != nil {
		p.traceTable(t, e, b, call, chosen)
	}
	if call != nil {
		p.execute(call.action, call.args)
	}
	return next
}

// keyWord is where one word of a key comes from.
type keyWord struct {
	from  int    // state word
	valid int    // the word counts as 0 if this state word is; negative: never
	mask  uint64 // ANDed
}

// tableKey lays out the key's fields; the result is valid until the next call.
func (p *packet) tableKey(d *tableDef) []uint64 {
	key := p.words[:len(d.gather)]
	for i := range d.gather {
		g := &d.gather[i]
		v := p.st[g.from] & g.mask
		if g.valid >= 0 && p.st[g.valid] == 0 {
			v = 0
		}
		key[i] = v
	}
	return key
}

// directMeter stores the colour; like bmv2, on a hit only.
func (p *packet) directMeter(d *tableDef, s *entryStats, hit bool) {
	if !hit {
		return
	}
	m := p.sw.prog.meters[d.meter]
	size := uint64(1)
	if m.bytes {
		size = p.frameLen
	}
	m.target.set(p, uint64(s.meter.Load().execute(p.now, size)))
}

// choosePath selects a member by hash; nil if the group is empty, and then nothing runs.
func (p *packet) choosePath(d *tableDef, g *memberGroup) *member {
	slots := *g.slots.Load()
	if len(slots) == 0 {
		return nil
	}
	h := uint32(p.sw.prog.profiles[d.profile].selector.output(p))
	return slots[h%uint32(len(slots))]
}

func (p *packet) traceTable(t *Table, e *entry, b *bound, call *actionCall, chosen *member) {
	p.record(func() Event {
		var info EntryInfo
		if e != nil {
			t.describe(&info, e, b, e.stats)
		} else {
			info = t.Default()
		}
		ev := Event{Kind: EventTable, Name: t.def.name, Hit: e != nil, Entry: &info}
		if call != nil {
			ev.Action, ev.Args = call.action.name, call.argBytes(nil)
		}
		if chosen != nil {
			ev.Member = chosen.id
		}
		if b.kind == ViaGroup {
			ev.Group = b.more.group.id
		}
		return ev
	})
}

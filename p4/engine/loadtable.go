package engine

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// tableObjects resolves a table's actions, profile, meter and entries.
func (b *pipelineBuilder) tableObjects(where string, c *cfgTable, d *tableDef) error {
	for _, a := range b.tableActions(c) {
		if a == nil {
			return configErrorf(where, "one of its actions is not there")
		}
		d.actions.add(a)
	}
	switch c.Type {
	case "simple":
	case "indirect", "indirect_ws":
		i, ok := b.prog.profileByName[c.ActionProfile]
		if !ok {
			return configErrorf(where, "no action profile %q", c.ActionProfile)
		}
		d.profile = i
		for _, a := range d.actions.list {
			b.prog.profiles[i].actions.add(a)
		}
	default:
		return &UnsupportedError{Where: where, Construct: fmt.Sprintf("table type %q", c.Type), Choices: "simple, indirect, indirect_ws"}
	}
	if c.DirectMeters != nil {
		i, ok := b.prog.meterByName[*c.DirectMeters]
		if !ok || !b.prog.meters[i].direct {
			return configErrorf(where, "no direct meter %q", *c.DirectMeters)
		}
		d.meter = i
	}
	if e := c.DefaultEntry; e != nil {
		call, err := b.constCall(where, e.ActionID, e.ActionData)
		if err != nil {
			return err
		}
		d.defaultCall, d.constDefault = call, e.ActionEntryConst || e.ActionConst
		if d.profile >= 0 {
			return &UnsupportedError{Where: where, Construct: "a default entry of an indirect table"}
		}
	}
	if c.Entries != nil {
		return b.constEntries(where, *c.Entries, d)
	}
	return nil
}

func (b *pipelineBuilder) tableActions(c *cfgTable) []*actionDef {
	var out []*actionDef
	if c.ActionIDs != nil {
		for _, id := range c.ActionIDs {
			out = append(out, b.actions[id])
		}
		return out
	}
	for _, name := range c.Actions {
		var found *actionDef
		for _, ca := range b.loader.cfg.Actions {
			if ca.Name == name {
				found = b.actions[ca.ID]
				break
			}
		}
		out = append(out, found)
	}
	return out
}

// constCall resolves an action call of the config.
func (b *pipelineBuilder) constCall(where string, id int, data []string) (*actionCall, error) {
	a := b.actions[id]
	if a == nil {
		return nil, configErrorf(where, "no action has id %d", id)
	}
	if len(data) != len(a.params) {
		return nil, configErrorf(where, "action %q takes %d arguments, not %d", a.name, len(a.params), len(data))
	}
	c := &actionCall{action: a, args: make([]uint64, a.argWords)}
	for i, p := range a.params {
		v, err := parseHex(data[i])
		if err != nil {
			return nil, configErrorf(where, "action %q: %v", a.name, err)
		}
		wordsFromBig(c.args[p.off:p.off+wordsFor(p.width)], v, p.width)
	}
	return c, nil
}

func (b *pipelineBuilder) constEntries(where string, list []cfgEntry, d *tableDef) error {
	if d.profile >= 0 {
		return &UnsupportedError{Where: where, Construct: "constant entries of an indirect table"}
	}
	d.isConst, d.size = true, len(list)
	// The config's priorities are better the smaller they are; P4Runtime's the larger.
	largest := 0
	for _, e := range list {
		largest = max(largest, e.Priority)
	}
	seen := d.newMatcher()
	for i, ce := range list {
		where := fmt.Sprintf("%s, entry %d", where, i)
		e, err := d.configKey(where, &ce)
		if err != nil {
			return err
		}
		if d.needsPriority {
			e.Priority = int32(min(largest+1-ce.Priority, 1<<31-1))
		}
		in := d.newEntry()
		if err := d.parseKey(in, e); err != nil {
			return configErrorf(where, "%v", err)
		}
		in.seq = uint64(i)
		if seen.same(in) != nil {
			return configErrorf(where, "its key is there twice")
		}
		seen.insert(in)
		call, err := b.constCall(where, ce.ActionEntry.ActionID, ce.ActionEntry.ActionData)
		if err != nil {
			return err
		}
		d.constEntries = append(d.constEntries, constEntry{in, call})
	}
	return nil
}

// configKey reads the match key of a constant entry.
func (d *tableDef) configKey(where string, ce *cfgEntry) (Entry, error) {
	var e Entry
	if len(ce.MatchKey) != len(d.keys) {
		return e, configErrorf(where, "%d key fields, not %d", len(ce.MatchKey), len(d.keys))
	}
	var failed error
	// Values wider than the field are cut, as bmv2 does.
	hex := func(s string, width int) []byte {
		v, err := parseHex(s)
		if err != nil {
			failed = configErrorf(where, "%v", err)
			return []byte{}
		}
		return new(big.Int).And(v, maxUnsigned(width)).FillBytes(make([]byte, bytesFor(width)))
	}
	for i, m := range ce.MatchKey {
		k := &d.keys[i]
		var f KeyField
		var text string
		switch k.kind {
		case Valid:
			var valid bool
			if err := json.Unmarshal(m.Key, &valid); err != nil {
				return e, configErrorf(where, "key %d: %v", i, err)
			}
			f.Value = []byte{0}
			if valid {
				f.Value[0] = 1
			}
		case Range:
			f.Value, f.High = hex(m.Start, k.width), hex(m.End, k.width)
		default:
			if err := json.Unmarshal(m.Key, &text); err != nil {
				return e, configErrorf(where, "key %d: %v", i, err)
			}
			f.Value = hex(text, k.width)
			if k.kind == LPM {
				f.PrefixLen = m.PrefixLength
			}
			if k.kind == Ternary {
				f.Mask = hex(m.Mask, k.width)
			}
		}
		e.Key = append(e.Key, f)
	}
	return e, failed
}

// linkTable resolves where control goes on after a table.
func (b *pipelineBuilder) linkTable(c *cfgTable, d *tableDef) error {
	where := fmt.Sprintf("table %q", c.Name)
	hit, hasHit := c.NextTables["__HIT__"]
	miss, hasMiss := c.NextTables["__MISS__"]
	var err error
	if hasHit != hasMiss {
		return configErrorf(where, "next_tables has one of __HIT__ and __MISS__, not both")
	}
	if hasHit {
		d.byHit = true
		if d.hit, err = b.edge(where, hit); err != nil {
			return err
		}
		if d.miss, err = b.edge(where, miss); err != nil {
			return err
		}
		d.missNext = d.miss
		return nil
	}
	// Actions of one name (specialised by the compiler) go on at one place.
	link := func(a *actionDef) error {
		next, ok := c.NextTables[a.name]
		if !ok {
			return configErrorf(where, "next_tables lacks action %q", a.name)
		}
		d.nextOf[a], err = b.edge(where, next)
		return err
	}
	for _, a := range b.tableActions(c) {
		if err := link(a); err != nil {
			return err
		}
	}
	if d.defaultCall != nil {
		if err := link(d.defaultCall.action); err != nil {
			return err
		}
	}
	d.missNext, err = b.edge(where, c.BaseDefault)
	return err
}

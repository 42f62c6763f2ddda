package diff

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"

	"pillion/backends/bundle"
)

// Shared stands for the statements of an entity that several explain, none of them needed alone.
const Shared = "(shared)"

// Diff is what changes. Its lists are never nil, and in a fixed order.
type Diff struct {
	Counts
	NewStatements  []string    `json:"new-statements"`  // only in the new bundle
	GoneStatements []string    `json:"gone-statements"` // only in the old bundle
	Statements     []Statement `json:"statements"`      // whose entities change, sorted, Shared last
	Targets        []Target    `json:"targets"`         // that change, sorted
	Unchanged      int         `json:"unchanged-targets"`
}

// Counts are entities.
type Counts struct {
	Added    int `json:"added"`
	Removed  int `json:"removed"`
	Modified int `json:"modified"`
}

// Statement is what changes by one statement.
type Statement struct {
	Statement string `json:"statement"`
	Counts
	Targets []string `json:"targets"`
}

// Target is what changes at one target, or at one ordinary switch, whose rules are lines of package redirect.
type Target struct {
	Target     string   `json:"target"`
	Change     Kind     `json:"change"`
	Properties []string `json:"properties"` // in words: another address, another P4 program
	Counts
	Entities []Change `json:"entities"` // by table in the order of the P4Info, then by key
}

// Kind is how something changes.
type Kind string

// The kinds of change.
const (
	Added    Kind = "added"
	Removed  Kind = "removed"
	Modified Kind = "modified"
)

// Change is one entity that changes.
type Change struct {
	Change     Kind     `json:"change"`
	Table      string   `json:"table"`         // or "multicast group", "clone session", "redirect"
	Match      string   `json:"match"`         // the rest of its key
	Old        string   `json:"old,omitempty"` // its action before
	New        string   `json:"new,omitempty"` // and after
	Statements []string `json:"statements"`
}

// Empty says whether nothing changes. Statements may come and go without that.
func (d *Diff) Empty() bool { return len(d.Targets) == 0 }

// Compare compares two bundles whose entities are sorted, as Read gives them. infos are the P4Infos by
// kind of target; what they do not know is shown by its number.
func Compare(old, new *bundle.Bundle, infos map[string]*p4configv1.P4Info) *Diff {
	c := &comparison{old: old, new: new, names: map[string]*bundle.Names{}, infos: infos,
		diff: &Diff{Statements: []Statement{}, Targets: []Target{}}, statements: map[string]*Statement{}}
	c.diff.NewStatements = without(new.Statements, old.Statements)
	c.diff.GoneStatements = without(old.Statements, new.Statements)
	pairs(old.Targets, new.Targets, func(t *bundle.Target) string { return t.Name }, c.target)
	pairs(old.Redirects, new.Redirects, func(r *bundle.Redirect) string { return r.Switch }, c.redirect)
	slices.SortStableFunc(c.diff.Targets, func(a, b Target) int { return cmp.Compare(a.Target, b.Target) })
	for _, s := range c.statements {
		slices.Sort(s.Targets)
		s.Targets = slices.Compact(s.Targets)
		c.diff.Statements = append(c.diff.Statements, *s)
	}
	slices.SortFunc(c.diff.Statements, func(a, b Statement) int {
		if (a.Statement == Shared) != (b.Statement == Shared) {
			return map[bool]int{true: 1, false: -1}[a.Statement == Shared]
		}
		return cmp.Compare(a.Statement, b.Statement)
	})
	return c.diff
}

// pairs calls fn for what has a name in either list, or in both; an empty one stands for what is not there. Both are sorted by name.
func pairs[T any](old, new []T, name func(*T) string, fn func(kind Kind, old, new *T)) {
	var none T
	i, j := 0, 0
	for i < len(old) || j < len(new) {
		switch {
		case j == len(new) || i < len(old) && name(&old[i]) < name(&new[j]):
			fn(Removed, &old[i], &none)
			i++
		case i == len(old) || name(&old[i]) > name(&new[j]):
			fn(Added, &none, &new[j])
			j++
		default:
			fn(Modified, &old[i], &new[j])
			i, j = i+1, j+1
		}
	}
}

// without are the strings of a that are not in b; both are sorted.
func without(a, b []string) []string {
	out := []string{}
	for _, s := range a {
		if _, in := slices.BinarySearch(b, s); !in {
			out = append(out, s)
		}
	}
	return out
}

type comparison struct {
	old, new   *bundle.Bundle
	infos      map[string]*p4configv1.P4Info
	names      map[string]*bundle.Names
	diff       *Diff
	statements map[string]*Statement
}

func (c *comparison) namesOf(kind string) *bundle.Names {
	if c.names[kind] == nil {
		c.names[kind] = bundle.NewNames(c.infos[kind])
	}
	return c.names[kind]
}

func (c *comparison) target(kind Kind, old, new *bundle.Target) {
	t := Target{Target: cmp.Or(new.Name, old.Name), Change: kind, Properties: []string{}, Entities: []Change{}}
	if kind == Modified {
		t.Properties = properties(old, new)
	}
	names := c.namesOf(cmp.Or(new.Kind, old.Kind))
	gone, come := differing(old.Entities, new.Entities)
	byKey := map[string]*bundle.Entity{}
	for _, e := range gone {
		byKey[e.Key()] = e
	}
	type keyed struct {
		change Change
		place  int
		key    string
	}
	var all []keyed
	add := func(kind Kind, e, before *bundle.Entity, statements []string) {
		ch := Change{Change: kind, Table: names.Where(e), Match: names.Match(e), Statements: statements}
		place := -1
		if e.Kind == bundle.TableEntry {
			place = names.TableOrder(e.ID)
		}
		switch kind {
		case Added:
			ch.New = names.Action(e)
		case Removed:
			ch.Old = names.Action(e)
		case Modified:
			ch.Old, ch.New = names.Action(before), names.Action(e)
		}
		all = append(all, keyed{ch, place, e.Key()})
		c.count(&t, kind, c.causes(statements))
	}
	for _, e := range come {
		key := e.Key()
		if before := byKey[key]; before != nil {
			delete(byKey, key)
			add(Modified, e, before, union(from(c.old, before.From), from(c.new, e.From)))
		} else {
			add(Added, e, nil, from(c.new, e.From))
		}
	}
	for _, e := range byKey {
		add(Removed, e, nil, from(c.old, e.From))
	}
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.key, b.key)) })
	for _, k := range all {
		t.Entities = append(t.Entities, k.change)
	}
	c.finish(&t)
}

// finish takes a target whose changes are all there.
func (c *comparison) finish(t *Target) {
	if t.Change == Modified && len(t.Entities) == 0 && len(t.Properties) == 0 {
		c.diff.Unchanged++
		return
	}
	c.diff.Targets = append(c.diff.Targets, *t)
}

func (c *comparison) count(t *Target, kind Kind, statements []string) {
	c.diff.Counts.add(kind)
	t.Counts.add(kind)
	if len(statements) == 0 {
		statements = []string{Shared}
	}
	for _, name := range statements {
		s := c.statements[name]
		if s == nil {
			s = &Statement{Statement: name}
			c.statements[name] = s
		}
		s.Counts.add(kind)
		if len(s.Targets) == 0 || s.Targets[len(s.Targets)-1] != t.Target {
			s.Targets = append(s.Targets, t.Target)
		}
	}
}

func (n *Counts) add(kind Kind) {
	switch kind {
	case Added:
		n.Added++
	case Removed:
		n.Removed++
	case Modified:
		n.Modified++
	}
}

func property(what string, old, new any) string { return fmt.Sprintf("%s: %v => %v", what, old, new) }

// properties are what else changes at a target, in words.
func properties(old, new *bundle.Target) []string {
	out := []string{}
	say := func(what string, a, b any) {
		if a != b {
			out = append(out, property(what, a, b))
		}
	}
	say("kind", old.Kind, new.Kind)
	say("address", old.Address, new.Address)
	say("device id", old.DeviceID, new.DeviceID)
	say("CPU port", old.CPUPort, new.CPUPort)
	if old.P4InfoHash != new.P4InfoHash || old.ConfigHash != new.ConfigHash {
		out = append(out, "another P4 program: a push loads it, which clears the target first")
	}
	return out
}

// differing are the entities that are not the same on both sides; both are sorted by their text.
func differing(old, new []bundle.Entity) (gone, come []*bundle.Entity) {
	a, b := cursor{rest: old}, cursor{rest: new}
	a.read()
	b.read()
	for len(a.rest) > 0 || len(b.rest) > 0 {
		order := bytes.Compare(a.text, b.text)
		switch {
		case len(b.rest) == 0 || len(a.rest) > 0 && order < 0:
			gone = append(gone, &a.rest[0])
			a.next()
		case len(a.rest) == 0 || order > 0:
			come = append(come, &b.rest[0])
			b.next()
		default:
			a.next()
			b.next()
		}
	}
	return gone, come
}

// cursor walks through sorted entities, with the text of the one where it is.
type cursor struct {
	rest []bundle.Entity
	text []byte
}

func (c *cursor) next() {
	c.rest = c.rest[1:]
	c.read()
}

func (c *cursor) read() {
	if len(c.rest) > 0 {
		c.text = c.rest[0].AppendText(c.text[:0])
	}
}

// from are the names of a bundle's statements, sorted as they are.
func from(b *bundle.Bundle, statements []uint32) []string {
	out := []string{}
	for _, i := range statements {
		out = append(out, b.Statements[i])
	}
	return out
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

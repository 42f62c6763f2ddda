package backends

import (
	"bytes"
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pillion/backends/bundle"
)

// someEntity makes an entity from few values, so that entities share beginnings.
func someEntity(t *rapid.T, kind bundle.Kind) bundle.Entity {
	number := func() uint32 { return rapid.SampledFrom([]uint32{1, 2, 9, 10, 19, 100}).Draw(t, "number") }
	text := func() string {
		return rapid.SampledFrom([]string{"\x00", "\x01", "\x01\x00", "\x0a", "\x0a\x0b", "\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}).Draw(t, "value")
	}
	e := bundle.Entity{Kind: kind, ID: 7}
	if kind != bundle.TableEntry {
		e.ID = number()
		for range rapid.IntRange(0, 3).Draw(t, "replicas") {
			e.Replicas = append(e.Replicas, bundle.Replica{Port: number(), Instance: uint16(number() - 1)})
		}
		return e
	}
	for field := uint32(8); field < 11; field++ {
		if !rapid.Bool().Draw(t, "given") {
			continue
		}
		m := bundle.Match{Field: field, Value: text(), Kind: bundle.MatchKind(rapid.IntRange(0, 4).Draw(t, "match"))}
		switch m.Kind {
		case bundle.Ternary, bundle.Range:
			m.Mask = text()
		case bundle.LPM:
			m.PrefixLen = int32(number())
		}
		e.Match = append(e.Match, m)
	}
	e.Action = number()
	for range rapid.IntRange(0, 2).Draw(t, "params") {
		e.Params = append(e.Params, bundle.Param{ID: number(), Value: text()})
	}
	e.Priority = int32(number() - 1)
	return e
}

// compareText must be the order of the text without the text.
func TestCompareTextIsOrderOfText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := bundle.Kind(rapid.IntRange(0, 2).Draw(t, "kind"))
		a, b := someEntity(t, kind), someEntity(t, kind)
		if got, want := compareText(&a, &b), bytes.Compare(a.AppendText(nil), b.AppendText(nil)); got != want {
			t.Errorf("%d, want %d:\n%s\n%s", got, want, a.AppendText(nil), b.AppendText(nil))
		}
	})
}

// Keys that differ must say the order, and sorting by them must be sorting by text.
func TestSortEntitiesIsOrderOfText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := &table{ascending: true, fields: []field{{id: 8, kind: bundle.Exact}, {id: 9, kind: bundle.Exact}, {id: 10, kind: bundle.LPM}}}
		var entities []bundle.Entity
		for range rapid.IntRange(0, 40).Draw(t, "entities") {
			e := someEntity(t, bundle.TableEntry)
			last := e.Match
			e.Match = nil
			for i := range 2 {
				e.Match = append(e.Match, bundle.Match{Field: uint32(8 + i), Value: rapid.SampledFrom([]string{"\x00", "\x01", "\x01\x00", "\xff\xff\xff\xff\xff\xff"}).Draw(t, "exact")})
			}
			if len(last) > 0 && rapid.Bool().Draw(t, "prefix") {
				e.Match = append(e.Match, bundle.Match{Field: 10, Kind: bundle.LPM, Value: last[0].Value, PrefixLen: 9})
			}
			entities = append(entities, e)
		}
		want := slices.Clone(entities)
		bundle.Sort(want)
		sortEntities(entities, table.keyed())
		for i := range want {
			if !want[i].Equal(&entities[i]) {
				t.Fatalf("entity %d is %s, want %s", i, entities[i].AppendText(nil), want[i].AppendText(nil))
			}
		}
		for i := 1; i < len(entities); i++ {
			ah, al := keyOf(&entities[i-1], table.keyed())
			bh, bl := keyOf(&entities[i], table.keyed())
			if cmp.Or(cmp.Compare(ah, bh), cmp.Compare(al, bl)) > 0 {
				t.Errorf("the keys of %s and %s are not in order", entities[i-1].AppendText(nil), entities[i].AppendText(nil))
			}
		}
	})
}

func TestKeyed(t *testing.T) {
	exact, ternary, lpm := field{kind: bundle.Exact}, field{kind: bundle.Ternary}, field{kind: bundle.LPM}
	for _, c := range []struct {
		fields    []field
		ascending bool
		want      int
	}{
		{[]field{exact, exact}, true, 2},
		{[]field{exact, exact}, false, 0},
		{[]field{exact, lpm}, true, 2},
		{[]field{exact, lpm, exact}, true, 1},
		{[]field{exact, ternary, exact}, true, 1},
		{nil, true, 0},
	} {
		if got := (&table{fields: c.fields, ascending: c.ascending}).keyed(); got != c.want {
			t.Errorf("keyed of %+v is %d, want %d", c.fields, got, c.want)
		}
	}
}

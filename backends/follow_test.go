package backends

import (
	"slices"
	"testing"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/proto"

	"pillion/backends/bundle"
	"pillion/compiler/plan"
	"pillion/p4"
)

// Numbers come from P4Info: with all ids turned round, entities are the same but for them.
func TestLowerFollowsIDs(t *testing.T) {
	program := pillion(t)
	info := proto.Clone(program.Info).(*p4config.P4Info)
	turn := func(id uint32) uint32 { return 100 - id }
	other := func(id uint32) uint32 { return id ^ 0xABCD }
	for _, table := range info.Tables {
		table.Preamble.Id = other(table.Preamble.Id)
		for _, f := range table.MatchFields {
			f.Id = turn(f.Id)
		}
		for _, ref := range table.ActionRefs {
			ref.Id = other(ref.Id)
		}
	}
	for _, action := range info.Actions {
		action.Preamble.Id = other(action.Preamble.Id)
		for _, p := range action.Params {
			p.Id = turn(p.Id)
		}
	}
	for _, c := range info.DirectCounters {
		c.DirectTableId = other(c.DirectTableId)
	}
	want, _, err := Lower(samplePlan(), program, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Lower(samplePlan(), &p4.Program{Info: info}, nil)
	if err != nil {
		t.Fatal(err)
	}
	entities := got.Targets[0].Entities
	for i := range entities {
		e := &entities[i]
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		if e.Kind != bundle.TableEntry {
			continue
		}
		e.ID, e.Action = other(e.ID), other(e.Action)
		slices.Reverse(e.Match)
		slices.Reverse(e.Params)
		for j := range e.Match {
			e.Match[j].Field = turn(e.Match[j].Field)
		}
		for j := range e.Params {
			e.Params[j].ID = turn(e.Params[j].ID)
		}
	}
	bundle.Sort(entities)
	if !slices.Equal(texts(entities), texts(want.Targets[0].Entities)) {
		t.Errorf("got %s\nwant %s", texts(entities), texts(want.Targets[0].Entities))
	}
}

// So do widths and kinds of match.
func TestLowerFollowsKinds(t *testing.T) {
	p := &plan.Plan{Switches: []plan.Switch{{Name: "s", Policies: []plan.Policy{{Origin: of(), Pair: plan.Pair{Source: 0x102}}}}}}
	for _, c := range []struct {
		kind     p4config.MatchField_MatchType
		bits     int32
		want     bundle.Match
		priority int32
	}{
		{p4config.MatchField_EXACT, 9, bundle.Match{Kind: bundle.Exact}, 0},
		{p4config.MatchField_TERNARY, 9, bundle.Match{Kind: bundle.Ternary, Mask: "\x01\xff"}, 1},
		{p4config.MatchField_TERNARY, 64, bundle.Match{Kind: bundle.Ternary, Mask: "\xff\xff\xff\xff\xff\xff\xff\xff"}, 1},
		{p4config.MatchField_RANGE, 16, bundle.Match{Kind: bundle.Range, Mask: "\x01\x02"}, 1},
		{p4config.MatchField_OPTIONAL, 16, bundle.Match{Kind: bundle.Optional}, 1},
		{p4config.MatchField_LPM, 33, bundle.Match{Kind: bundle.LPM, PrefixLen: 33}, 0},
	} {
		info := proto.Clone(pillion(t).Info).(*p4config.P4Info)
		setKind(find(info, "policy").MatchFields[0], c.kind)
		find(info, "policy").MatchFields[0].Bitwidth = c.bits
		b, _, err := Lower(p, &p4.Program{Info: info}, nil)
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		e := b.Targets[0].Entities[0]
		c.want.Field, c.want.Value = 1, "\x01\x02"
		if e.Match[0] != c.want || e.Priority != c.priority {
			t.Errorf("%s: %+v priority %d, want %+v priority %d", c.kind, e.Match[0], e.Priority, c.want, c.priority)
		}
	}
}

package backends

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pillion/backends/bundle"
	"pillion/compiler/plan"
)

// describe writes every entity in words, its text on the wire and its provenance.
func describe(b *bundle.Bundle, names *bundle.Names) string {
	var out strings.Builder
	for i := range b.Targets {
		t := &b.Targets[i]
		fmt.Fprintf(&out, "target %s %s device %d at %s, cpu port %d\n", t.Kind, t.Name, t.DeviceID, t.Address, t.CPUPort)
		for j := range t.Entities {
			e := &t.Entities[j]
			var from []string
			for _, s := range e.From {
				from = append(from, b.Statements[s])
			}
			fmt.Fprintf(&out, "\n%s\n\t%s\n\tfrom: %s", names.Entity(e), e.AppendText(nil), strings.Join(from, ", "))
			if e.Counts >= 0 {
				fmt.Fprintf(&out, "; counts for: %s", b.Statements[e.Counts])
			}
			out.WriteByte('\n')
		}
	}
	for i := range b.Redirects {
		r := &b.Redirects[i]
		fmt.Fprintf(&out, "\nordinary switch %s, driver %s, sidecar %s\n", r.Switch, r.Driver, r.Sidecar)
		for _, line := range r.Lines {
			var from []string
			for _, s := range line.From {
				from = append(from, b.Statements[s])
			}
			fmt.Fprintf(&out, "\n%s\n\tfrom: %s\n", line.Text, strings.Join(from, ", "))
		}
	}
	return out.String()
}

func TestLowerEveryRow(t *testing.T) {
	program := pillion(t)
	b, _, err := Lower(samplePlan(), program, []byte("{}\n"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "entities.golden", describe(b, bundle.NewNames(program.Info)))
	if string(b.Network) != "{}\n" {
		t.Errorf("Network = %q", b.Network)
	}
	for i := range b.Targets[0].Entities {
		if err := b.Targets[0].Entities[i].Validate(); err != nil {
			t.Error(err)
		}
	}
	if b.Targets[0].P4InfoHash != bundle.P4InfoHash(program.Info) || b.Targets[0].ConfigHash != bundle.ConfigHash(program.Config) {
		t.Error("the hashes are not those of the program")
	}
}

// Nothing in the P4 program is dead: some row makes every action of every table, or it is what the
// table does by default.
func TestEveryTableAndActionHasRows(t *testing.T) {
	program := pillion(t)
	b, _, err := Lower(samplePlan(), program, nil)
	if err != nil {
		t.Fatal(err)
	}
	type use struct{ table, action uint32 }
	made := map[use]bool{}
	tables := map[uint32]bool{}
	fields := map[use]bool{}
	for i := range b.Targets[0].Entities {
		e := &b.Targets[0].Entities[i]
		if e.Kind != bundle.TableEntry {
			continue
		}
		made[use{e.ID, e.Action}], tables[e.ID] = true, true
		for _, m := range e.Match {
			fields[use{e.ID, m.Field}] = true
		}
	}
	names := map[uint32]string{}
	for _, a := range program.Info.GetActions() {
		names[a.GetPreamble().GetId()] = a.GetPreamble().GetName()
	}
	for _, table := range program.Info.GetTables() {
		id, name := table.GetPreamble().GetId(), table.GetPreamble().GetName()
		if !tables[id] {
			t.Errorf("no row makes an entry of table %s", name)
		}
		for _, ref := range table.GetActionRefs() {
			if !made[use{id, ref.GetId()}] && table.GetInitialDefaultAction().GetActionId() != ref.GetId() {
				t.Errorf("table %s: no row makes %s, and it is not the default", name, names[ref.GetId()])
			}
		}
		for _, f := range table.GetMatchFields() {
			if !fields[use{id, f.GetId()}] {
				t.Errorf("table %s: no row matches %s", name, f.GetName())
			}
		}
	}
}

// What comes first in a row's provenance is what it is mainly for; statements are sorted.
func TestLowerProvenance(t *testing.T) {
	p := &plan.Plan{
		Statements: []string{"c", "a", "b", "a"},
		Switches: []plan.Switch{{Name: "s", Policies: []plan.Policy{
			{Origin: plan.Origin{From: []uint32{0, 2, 3}, Counts: 2}},
		}}},
	}
	b, _, err := Lower(p, pillion(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	e := b.Targets[0].Entities[0]
	if !slices.Equal(b.Statements, []string{"a", "b", "c"}) || !slices.Equal(e.From, []uint32{2, 1, 0}) || e.Counts != 1 {
		t.Errorf("statements %q, from %d, counts %d", b.Statements, e.From, e.Counts)
	}
}

func TestLowerNothing(t *testing.T) {
	b, uses, err := Lower(&plan.Plan{}, pillion(t), nil)
	if err != nil || len(b.Targets) != 0 || len(uses) != 0 || len(b.Statements) != 0 {
		t.Errorf("%+v, %v, %v", b, uses, err)
	}
}

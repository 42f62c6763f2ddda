package push

import (
	"testing"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/runtime/p4rt"
)

// The program that we ship keeps the list of our multicast groups and clone sessions: what an older
// bundle had goes without --adopt.
func TestPillionProgramKeepsTheList(t *testing.T) { onServers(t, keepsTheList) }

func keepsTheList(t *testing.T, address string) {
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	defer func(before p4rt.Pipelines) { pipelines = before }(pipelines)
	pipelines = p4rt.Pipelines{"switch": {P4Info: program.Info, Config: program.Config}}
	with := func(entities ...bundle.Entity) *bundle.Bundle {
		b := at(address, entities...)
		b.Targets[0].P4InfoHash, b.Targets[0].ConfigHash = bundle.P4InfoHash(program.Info), bundle.ConfigHash(program.Config)
		return b
	}
	pushOK(t, with(group(5, 1, 2), group(6, 2), session(7, 510)), Options{})
	if r := pushOK(t, with(group(6, 2)), Options{}); r.Deleted != 2 || r.Foreign.Count != 0 || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
}

package conformance

import (
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
)

// TestDifferences holds our switch to what docs/switch.md says it does otherwise than
// bmv2, which is not run here: some of it ends bmv2.
func TestDifferences(t *testing.T) {
	const program = "testdata/differences/differences"
	runFile(t, newOurs(t), committed(t, program), program+".stf")
}

// TestMissesAreCounted: a direct counter counts misses, for the default entry.
func TestMissesAreCounted(t *testing.T) {
	on := newOurs(t)
	cfg := committed(t, "testdata/differences/differences")
	s := primary(t, on.conn, 1)
	if err := s.configure(cfg); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		on.process(1, []byte{8, 0, 0, 0})
	}
	table, err := names{cfg.P4Info}.table("counted")
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.read(tableEntity(&p4.TableEntry{TableId: table.Preamble.Id, IsDefaultAction: true, CounterData: &p4.CounterData{}}))
	if err != nil || len(got) != 1 || got[0].GetTableEntry().GetCounterData().GetPacketCount() != 3 {
		t.Errorf("got %v, %v; want 3 packets", got, err)
	}
}

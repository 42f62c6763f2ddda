package server

import (
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
)

// TestInitialEntries: entries that are not const in the program can be changed, and a
// new config keeps the changes.
func TestInitialEntries(t *testing.T) {
	_, c := newReady(t)
	entry := func(value, class string) string {
		return `table_entry { table_id: $initial_types$ match { field_id: 1 exact { value: "` + value + `" } } action { action { action_id: $classify$ params { param_id: 1 value: "` + class + `" } } } }`
	}
	arp, other := entry(`\x08\x06`, `\x01`), entry(`\x88\xb5`, `\x02`)
	c.wantRead("table_entry { table_id: $initial_types$ }", arp, other)
	fresh := entry(`\x12\x34`, `\x03`)
	changed := entry(`\x88\xb5`, `\x09`)
	c.mustWrite("INSERT "+fresh, "DELETE "+arp, "MODIFY "+changed)
	c.wantRead("table_entry { table_id: $initial_types$ }", changed, fresh)
	c.setPipeline(p4.SetForwardingPipelineConfigRequest_RECONCILE_AND_COMMIT, featuresConfig(t), codes.OK)
	c.wantRead("table_entry { table_id: $initial_types$ }", changed, fresh)
	c.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT, featuresConfig(t), codes.OK)
	c.wantRead("table_entry { table_id: $initial_types$ }", arp, other)
}

// TestAbsentObjects: what the compiler left out of the device config can be neither
// read nor written, and says why.
func TestAbsentObjects(t *testing.T) {
	b := newBench(t)
	c := b.controller("", 1)
	c.wantArbitration(codes.OK, 1)
	cfg := featuresConfig(t)
	// A table beside those of the program, as p4c leaves it in P4Info.
	absent := proto.CloneOf(cfg.P4Info.Tables[0])
	absent.Preamble = &configv1.Preamble{Id: 0x02000001, Name: "ingress.never", Alias: "never"}
	cfg.P4Info.Tables = append(cfg.P4Info.Tables, absent)
	c.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT, cfg, codes.OK)
	err := c.write(0, c.parse(`INSERT table_entry { table_id: 33554433 match { field_id: 1 exact { value: "\x01" } } action { action { action_id: $learn$ } } }`))
	if e := updateErrors(err); len(e) != 1 || codes.Code(e[0].CanonicalCode) != codes.Unimplemented {
		t.Errorf("got %v, want UNIMPLEMENTED", err)
	}
	if _, err := c.readAll(c.entity("table_entry { }")); err != nil {
		t.Errorf("reading all tables: %v", err)
	}
}

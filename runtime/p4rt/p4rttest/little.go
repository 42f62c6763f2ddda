package p4rttest

import (
	_ "embed"
	"fmt"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/encoding/prototext"
)

//go:generate sh -c "cd testdata && p4c-bm2-ss --p4runtime-files little.p4info.txtpb -o little.json little.p4 && sha256sum little.p4 >little.sha256"

//go:embed testdata/little.p4info.txtpb
var littleInfo []byte

//go:embed testdata/little.json
var littleConfig []byte

// Little is testdata/little.p4, compiled: tables guard (constant), acl, route and edge; route's
// to_edge(edge) points at edge, and flood(group) at a multicast group.
func Little() (*p4configv1.P4Info, []byte) {
	var info p4configv1.P4Info
	if err := prototext.Unmarshal(littleInfo, &info); err != nil {
		panic(err)
	}
	return &info, littleConfig
}

// TableID is the id of a table by its alias.
func TableID(info *p4configv1.P4Info, alias string) uint32 {
	for _, t := range info.GetTables() {
		if t.GetPreamble().GetAlias() == alias {
			return t.GetPreamble().GetId()
		}
	}
	panic(fmt.Sprintf("no table %q", alias))
}

// ActionID is the id of an action by its alias.
func ActionID(info *p4configv1.P4Info, alias string) uint32 {
	for _, a := range info.GetActions() {
		if a.GetPreamble().GetAlias() == alias {
			return a.GetPreamble().GetId()
		}
	}
	panic(fmt.Sprintf("no action %q", alias))
}

// LittleReferences are what points at what in little.p4.
func LittleReferences() []Reference {
	return []Reference{
		{Action: "to_edge", Param: 1, Table: "edge"},
		{Action: "flood", Param: 1},
	}
}
